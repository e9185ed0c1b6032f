"""Sharing an amount out over days, and money over the parts."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import EXPONENTS, Money
from orders import instalments

PARTS = st.integers(2, 12)
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2040, 12, 31))
CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])


@given(st.integers(12, 10**13), PARTS, CURRENCIES)
def test_the_parts_add_up_and_only_the_first_is_larger(
    amount: int, parts: int, currency: str
) -> None:
    shared = [Money(part, currency) for part in instalments.split(amount, parts)]

    assert sum(shared[1:], shared[0]) == Money(amount, currency)
    assert len(shared) == parts
    assert len(set(shared[1:])) == 1
    assert 0 <= shared[0].minor - shared[1].minor < parts


def test_currencies_of_every_kind_are_split() -> None:
    assert {EXPONENTS[currency] for currency in ("JPY", "EUR", "KWD")} == {0, 2, 3}


@pytest.mark.parametrize(("amount", "parts"), [(0, 2), (11, 12), (5, 0), (-5, 2)])
def test_less_than_one_unit_each_is_refused(amount: int, parts: int) -> None:
    with pytest.raises(ValueError, match="cannot be shared out"):
        instalments.split(amount, parts)


@given(DAYS, PARTS)
def test_every_month_has_one_part_as_near_to_the_day_as_it_can_be(
    first: dt.date, parts: int
) -> None:
    days = instalments.days(first, parts, instalments.MONTHLY)

    months = [day.year * 12 + day.month for day in days]
    assert days[0] == first
    assert months == list(range(months[0], months[0] + parts))
    for day in days:
        last = monthrange(day.year, day.month)[1]
        ends_month = first.day == monthrange(first.year, first.month)[1]
        assert day.day == (last if ends_month else min(first.day, last))


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ("2026-11-30", ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]),
        ("2027-02-28", ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]),
        ("2027-01-30", ["2027-01-30", "2027-02-28", "2027-03-30", "2027-04-30"]),
        ("2028-02-28", ["2028-02-28", "2028-03-28", "2028-04-28", "2028-05-28"]),
        ("2026-12-15", ["2026-12-15", "2027-01-15", "2027-02-15", "2027-03-15"]),
    ],
)
def test_days_at_the_end_of_a_month_stay_there(first: str, told: list[str]) -> None:
    days = instalments.days(dt.date.fromisoformat(first), 4, instalments.MONTHLY)

    assert [day.isoformat() for day in days] == told


@given(DAYS, PARTS)
def test_every_two_weeks_is_the_same_weekday(first: dt.date, parts: int) -> None:
    days = instalments.days(first, parts, instalments.FORTNIGHTLY)

    assert [(day - first).days for day in days] == [14 * number for number in range(parts)]


@given(st.integers(100, 10_000), PARTS, st.integers(-50, 12_000))
def test_what_came_covers_whole_parts_in_their_order(amount: int, parts: int, paid: int) -> None:
    amounts = instalments.split(amount, parts)

    count = instalments.covered(amounts, paid)

    assert sum(amounts[:count]) <= max(paid, 0)
    assert count == parts or sum(amounts[: count + 1]) > paid


@given(st.integers(100, 10_000), PARTS, st.integers(-50, 12_000))
def test_what_the_parts_lack_is_never_more_than_each_is(amount: int, parts: int, paid: int) -> None:
    amounts = instalments.split(amount, parts)

    spans = [instalments.missing(amounts, number, paid) for number in range(1, parts + 1)]

    lacking = [until - start for start, until in spans]
    assert all(0 <= lack <= amounts[index] for index, lack in enumerate(lacking))
    assert sum(lacking) == max(0, amount - max(0, paid))


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=5), PARTS)
def test_parts_that_are_asked_for_side_by_side_never_want_the_same_money(
    invoices: list[tuple[int, int]], parts: int
) -> None:
    """Nothing has come yet: all of what was in the plan is open."""
    untouched = [(whole, whole) for whole, _ in invoices]
    total = sum(whole for whole, _ in untouched)
    if total < parts:
        return
    amounts = instalments.split(total, parts)

    wanted = [0] * len(untouched)
    for number in range(1, parts + 1):
        span = instalments.missing(amounts, number, 0)
        found = instalments.shares(span, untouched)
        assert sum(found) == amounts[number - 1]
        wanted = [sum(pair) for pair in zip(wanted, found, strict=True)]

    assert wanted == [whole for whole, _ in untouched]


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=5),
    st.integers(0, 900),
    st.integers(0, 900),
)
def test_no_invoice_is_asked_for_more_than_is_open_and_nothing_open_is_left_out(
    invoices: list[tuple[int, int]], start: int, length: int
) -> None:
    rows = [(whole, min(whole, open_now)) for whole, open_now in invoices]

    found = instalments.shares((start, start + length), rows)

    assert all(0 <= share <= open_now for share, (_, open_now) in zip(found, rows, strict=True))
    assert sum(found) == min(length, sum(open_now for _, open_now in rows))
