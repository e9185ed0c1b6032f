"""Tax rates and what was sold, as people write them."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_percent

from orders.vat import WHOLE

TIMES = " \N{MULTIPLICATION SIGN} "


def write_rate(vat_bp: int, locale: str) -> str:
    """Write basis points as per cent, with as many decimals as are needed."""
    return format_percent(Decimal(vat_bp) / WHOLE, "#,##0.##\N{NO-BREAK SPACE}%", locale=locale)


def write_sold(quantity: int, description: str) -> str:
    """Write what a line sold, with its quantity where it is not one."""
    return description if quantity == 1 else f"{quantity}{TIMES}{description}"
