"""Columns that write money as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from core.money import Money, format_money
from core.writing import reader_locale

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_stubs_ext import StrOrPromise


def money_column(field: str, title: StrOrPromise) -> Callable[[Any], str]:
    """Make a column of the minor units in a field, in the currency of the row."""

    @admin.display(description=title, ordering=field)
    def column(row: Any) -> str:
        return format_money(Money(getattr(row, field), row.currency), reader_locale())

    column.__name__ = f"{field}_money"
    return column
