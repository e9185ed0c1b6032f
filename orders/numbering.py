"""The numbers of documents: invoices and credit notes without gaps, orders as they come."""

from __future__ import annotations

from django.db import connection
from django.db.models import F

from core import locks
from core.locks import Rank
from orders.models import NumberSeries

INVOICES = "invoice"
CREDIT_NOTES = "credit_note"
FIRST_NUMBERS = {INVOICES: 100_001, CREDIT_NOTES: 1}
ORDER_SEQUENCE = "orders_order_number"


def next_number(series: str) -> int:
    """Take the next number of a series that may have no gaps.

    The series stays locked until the caller's transaction ends: a rollback gives the number
    back, and nobody else can have got a later one meanwhile. Take it last.
    """
    return take_numbers(series, 1)[0]


def take_numbers(series: str, count: int) -> range:
    """Take several numbers that follow each other, under the same promise."""
    row = locks.one(Rank.NUMBER_SERIES, NumberSeries.objects.filter(name=series))
    NumberSeries.objects.filter(pk=row.pk).update(next_number=F("next_number") + count)
    return range(row.next_number, row.next_number + count)


def next_order_number() -> str:
    """Take an order number. Unique, never waited for; orders that are given up leave gaps."""
    return take_order_numbers(1)[0]


def take_order_numbers(count: int) -> list[str]:
    """Take several order numbers in one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [ORDER_SEQUENCE, count])
        return [str(number) for (number,) in cursor.fetchall()]


def ensure_series() -> None:
    """Make the series that are missing. Safe to repeat: a series never starts again."""
    NumberSeries.objects.bulk_create(
        [NumberSeries(name=name, next_number=first) for name, first in FIRST_NUMBERS.items()],
        ignore_conflicts=True,
    )
