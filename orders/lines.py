"""New lines as they come in, priced: every sum of an order or invoice is made here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from core.money import EXPONENTS
from orders import vat
from orders.errors import CurrencyUnusable, LinesMissing, LineUnusable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orders.models import Product
    from orders.models.lines import LineFields

MOST_LINES = 500
MOST_PIECES = 1_000_000
DEAREST = 10**12  # Minor units: a bound that no real price reaches and no sum can overflow.


@dataclass(frozen=True, slots=True)
class NewLine:
    """One line to be sold. `unit_price` is gross, in minor units; `vat_bp` in basis points."""

    description: str
    quantity: int
    unit_price: int
    vat_bp: int
    product_id: int | None = None
    """Whose stock it comes from, where it is a product's. What is sold is a copy all the same."""

    @classmethod
    def of(cls, product: Product, quantity: int = 1) -> Self:
        """Copy a product's name, price and rate."""
        return cls(product.name, quantity, product.unit_price, product.vat_bp, product.pk)

    @classmethod
    def copy(cls, line: LineFields) -> Self:
        """Copy a line that was sold before."""
        return cls(line.description, line.quantity, line.unit_price, line.vat_bp)

    @property
    def gross(self) -> int:
        return self.quantity * self.unit_price

    @property
    def is_possible(self) -> bool:
        return (
            0 < self.quantity <= MOST_PIECES
            and 0 <= self.unit_price <= DEAREST
            and self.gross <= DEAREST
            and 0 <= self.vat_bp <= vat.WHOLE
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """What an invoice without an order should say."""

    lines: Sequence[NewLine]
    currency: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Priced:
    """Lines with their net and tax, the parts per rate, and the total of both."""

    currency: str
    lines: tuple[tuple[NewLine, vat.Part], ...]
    parts: tuple[vat.Part, ...]

    @property
    def total(self) -> int:
        return sum(part.gross for part in self.parts)

    def rows[Line: LineFields](self, model: type[Line], **parent: object) -> list[Line]:
        """Unsaved rows of a line model, numbered from one."""
        return [
            model(
                **parent,
                position=position,
                description=line.description,
                quantity=line.quantity,
                unit_price=line.unit_price,
                vat_bp=line.vat_bp,
                gross=part.gross,
                net=part.net,
                vat=part.vat,
            )
            for position, (line, part) in enumerate(self.lines, start=1)
        ]


def price(lines: Sequence[NewLine], currency: str) -> Priced:
    """Work out all sums. Raises LinesMissing, LineUnusable or CurrencyUnusable."""
    if currency not in EXPONENTS:
        raise CurrencyUnusable(currency=currency)
    if not lines:
        raise LinesMissing
    for position, line in enumerate(lines, start=1):
        if not line.is_possible or position > MOST_LINES:
            raise LineUnusable(position=position)
    sums = [(line.gross, line.vat_bp) for line in lines]
    return Priced(
        currency=currency,
        lines=tuple(zip(lines, vat.split_lines(sums), strict=True)),
        parts=tuple(vat.parts_of(sums)),
    )
