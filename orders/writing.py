"""Tax rates, days and references as people write them."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from babel.dates import format_date
from babel.numbers import format_percent

from orders.vat import WHOLE

if TYPE_CHECKING:
    import datetime as dt

# English as it is written in Europe: the day before the month.
LOCALES = {"en": "en_GB"}
TIMES = " \N{MULTIPLICATION SIGN} "


def locale_of(language: str) -> str:
    """Give the locale in which a language writes numbers and days."""
    return LOCALES.get(language, language)


def write_rate(vat_bp: int, locale: str) -> str:
    """Write basis points as per cent, with as many decimals as are needed."""
    return format_percent(Decimal(vat_bp) / WHOLE, "#,##0.##\N{NO-BREAK SPACE}%", locale=locale)


def write_day(day: dt.date, locale: str) -> str:
    """Write a day with its year, unmistakably."""
    return format_date(day, "medium", locale=locale)


def write_sold(quantity: int, description: str) -> str:
    """Write what a line sold, with its quantity where it is not one."""
    return description if quantity == 1 else f"{quantity}{TIMES}{description}"
