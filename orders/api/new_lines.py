"""Lines as a machine sends them, with what their products say filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orders.errors import ProductUnusable
from orders.lines import NewLine
from orders.models import Product

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def read_lines(data: Sequence[Mapping[str, Any]], currency: str) -> list[NewLine]:
    """Read validated lines, with one query for all their products.

    Raises ProductUnusable for a product that is not on sale in this currency.
    """
    wanted = {line["product"] for line in data if "product" in line}
    on_sale = Product.objects.on_sale().filter(public_id__in=wanted, currency=currency)
    products = {product.public_id: product for product in on_sale} if wanted else {}
    return [_line(position, line, products) for position, line in enumerate(data, start=1)]


def _line(position: int, line: Mapping[str, Any], products: Mapping[str, Product]) -> NewLine:
    if "product" not in line:
        return NewLine(**line)
    if (product := products.get(line["product"])) is None:
        raise ProductUnusable(position=position)
    return NewLine.of(product, line["quantity"])
