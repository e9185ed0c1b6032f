"""Value added tax out of gross prices: exact by rate, and every part adds up.

Prices are gross, in minor units; rates are basis points (2 550 is 25.5 %). The tax of a rate is
rounded once, half up, over the sum of its lines, as the invoice shows it; the lines share that
sum by the largest remainder, so lines, rates and total can never differ by a cent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.money import share_out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WHOLE = 10_000


@dataclass(frozen=True, order=True)
class Part:
    """What one rate contributes. `net` and `vat` are minor units and never negative."""

    vat_bp: int
    net: int
    vat: int

    @property
    def gross(self) -> int:
        return self.net + self.vat


def vat_inside(gross: int, vat_bp: int) -> int:
    """Find the tax inside a gross amount, rounded half up to a minor unit."""
    divisor = WHOLE + vat_bp
    return (2 * gross * vat_bp + divisor) // (2 * divisor)


def parts_of(lines: Iterable[tuple[int, int]]) -> list[Part]:
    """One part per rate, lowest rate first, from lines of (gross, rate)."""
    gross_by_rate: dict[int, int] = {}
    for gross, vat_bp in lines:
        _refuse_nonsense(gross, vat_bp)
        gross_by_rate[vat_bp] = gross_by_rate.get(vat_bp, 0) + gross
    return [
        Part(vat_bp=rate, net=gross - vat_inside(gross, rate), vat=vat_inside(gross, rate))
        for rate, gross in sorted(gross_by_rate.items())
    ]


def split_lines(lines: Sequence[tuple[int, int]]) -> list[Part]:
    """Find the part of each line, in order; per rate they add up to `parts_of` the same lines."""
    vat = [0] * len(lines)
    for part in parts_of(lines):
        members = [index for index, (_, rate) in enumerate(lines) if rate == part.vat_bp]
        weights = [lines[index][0] for index in members]
        shares = share_out(part.vat, weights) if part.vat else [0] * len(members)
        for index, share in zip(members, shares, strict=True):
            vat[index] = share
    return [
        Part(vat_bp=rate, net=gross - tax, vat=tax)
        for (gross, rate), tax in zip(lines, vat, strict=True)
    ]


def credit_parts(invoiced: Sequence[Part], credited: Sequence[int], amount: int) -> list[Part]:
    """How a credit of `amount` falls on the parts of an invoice.

    `credited` is the gross already credited per part. Credits that reach the whole invoice
    give back exactly its tax, however many they were. Refuses more than what is left.
    """
    left = [part.gross - before for part, before in zip(invoiced, credited, strict=True)]
    if not 0 < amount <= sum(left):
        raise ValueError(amount)
    shares = share_out(amount, left)
    found = []
    for part, before, share in zip(invoiced, credited, shares, strict=True):
        tax = _tax_up_to(part, before + share) - _tax_up_to(part, before)
        if share:
            found.append(Part(vat_bp=part.vat_bp, net=share - tax, vat=tax))
    return found


def credit_by_rate(
    invoiced: Sequence[Part], credited: Sequence[int], wanted: Mapping[int, int]
) -> list[Part]:
    """How a credit of whole lines falls on the parts of an invoice.

    `wanted` is the gross per rate, `credited` what was credited of each part before. Credits that
    reach the whole part give back exactly its tax. Refuses more than is left of a rate.
    """
    found = []
    for part, before in zip(invoiced, credited, strict=True):
        share = wanted.get(part.vat_bp, 0)
        if share > part.gross - before:
            raise ValueError(share)
        tax = _tax_up_to(part, before + share) - _tax_up_to(part, before)
        if share:
            found.append(Part(vat_bp=part.vat_bp, net=share - tax, vat=tax))
    if sum(part.gross for part in found) != sum(wanted.values()):
        raise ValueError(dict(wanted))
    return found


def _tax_up_to(part: Part, gross: int) -> int:
    """Find the tax behind the first `gross` minor units of a part, rounded half up."""
    return (2 * part.vat * gross + part.gross) // (2 * part.gross) if part.gross else 0


def _refuse_nonsense(gross: int, vat_bp: int) -> None:
    if gross < 0 or not 0 <= vat_bp <= WHOLE:
        raise ValueError((gross, vat_bp))
