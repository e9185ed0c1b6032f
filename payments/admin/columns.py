"""Columns that write money as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from core.money import Money
from core.writing import write_money

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_stubs_ext import StrOrPromise


def money_column(field: str, title: StrOrPromise) -> Callable[[Any], str]:
    """Make a column of the minor units in a field, in the currency of the row."""

    @admin.display(description=title, ordering=field)
    def column(row: Any) -> str:
        return write_money(Money(getattr(row, field), row.currency))

    column.__name__ = f"{field}_money"
    return column
