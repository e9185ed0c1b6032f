"""Sharing an amount out over days, and money over the parts. Pure: no row is read or written."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST_PARTS = 2
MONTHLY = "monthly"
FORTNIGHTLY = "fortnightly"
FORTNIGHT = dt.timedelta(days=14)


def split(amount: int, parts: int) -> list[int]:
    """Share minor units out in equal parts. What is left over is paid with the first one.

    Refuses fewer than one unit for each part (ValueError).
    """
    if parts < 1 or amount < parts:
        raise ValueError(f"{amount} cannot be shared out in {parts} parts")
    each, rest = divmod(amount, parts)
    return [each + rest, *[each] * (parts - 1)]


def days(first: dt.date, parts: int, rhythm: str) -> list[dt.date]:
    """Give the day of each part. A first day at the end of its month keeps all at month's end.

    Where a month is too short for the day, its last day stands in; the month after has the
    day again.
    """
    if rhythm == FORTNIGHTLY:
        return [first + number * FORTNIGHT for number in range(parts)]
    return [_months_after(first, number) for number in range(parts)]


def _months_after(first: dt.date, months: int) -> dt.date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    last = _last_day(year, month + 1)
    ends_month = first.day == _last_day(first.year, first.month)
    return dt.date(year, month + 1, last if ends_month else min(first.day, last))


def _last_day(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def covered(amounts: Sequence[int], paid: int) -> int:
    """Say how many parts, from the first one on, are wholly paid by what came (minor units)."""
    return sum(until <= paid for until in accumulate(amounts))


def missing(amounts: Sequence[int], position: int, paid: int) -> tuple[int, int]:
    """Give what a part still lacks, as (from, until) of the whole. `position` counts from one.

    What came pays the parts in their order, so that a part lacks its own amount at most.
    """
    until = sum(amounts[:position])
    return min(until, max(paid, until - amounts[position - 1])), until


def shares(span: tuple[int, int], invoices: Sequence[tuple[int, int]]) -> list[int]:
    """Say how much of each invoice a part pays, so that two parts do not pay the same.

    Invoices are (what of it was in the plan, what is open of it now), in their order. Each
    span of the whole falls on the invoices that lie there; what finds nothing open there
    falls on whatever else is open.
    """
    start, until = span
    taken: list[int] = []
    place = 0
    for whole, open_now in invoices:
        within = min(place + whole, until) - max(place, start)
        taken.append(max(0, min(within, open_now)))
        place += whole
    left = until - start - sum(taken)
    for index, (_, open_now) in enumerate(invoices):
        more = min(left, open_now - taken[index])
        taken[index] += more
        left -= more
    return taken
