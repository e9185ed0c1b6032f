"""Each figure is true, belongs to its business day, and is the sum of the rows it leads to."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from core.jobs import business_date
from core.money import Money
from reporting import figures, movements, rows
from reporting.figures import Authorisation
from reporting.movements import Cell, Kind
from reporting.rows import OVERDUE, Age, Outcome
from tests.factories import reporting as day
from tests.factories.payments import CheckoutSessionFactory, ProviderAccountFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

HELSINKI = ZoneInfo("Europe/Helsinki")
MOST = 1_000


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def test_takings_stand_by_method_and_provider_account() -> None:
    day.busy_day()

    in_euros, in_yen = figures.takings(business_date())

    lines = {(line.cell.method, line.provider): line for line in in_euros.lines}
    card = lines["card", "Nets"]
    assert (card.payments, card.captured, card.refunded) == (2, euros(23_490), euros(-4_990))
    assert card.net == euros(18_500)
    assert lines["mobilepay", "Nets"].net == euros(7_990)
    assert lines["card", "Paytrail"].disputed == euros(-3_000)
    assert lines["bank", "Paytrail"].net == euros(0)
    assert in_euros.total.captured == euros(23_490 + 7_990 + 3_000)
    assert in_euros.total.net == euros(18_500 + 7_990)
    assert in_yen.total.net == Money(1_200, "JPY")


def test_takings_are_what_the_clearing_accounts_gained() -> None:
    day.busy_day()

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT currency, sum(debits - credits) FROM payments_ledgeraccount"
            " WHERE code = 'provider-clearing' GROUP BY 1 ORDER BY 1"
        )
        gained = [Money(int(minor), currency) for currency, minor in cursor.fetchall()]

    assert [taken.total.net for taken in figures.takings(business_date())] == gained


def test_every_cell_of_the_takings_is_the_sum_of_its_rows() -> None:
    day.busy_day()

    for taken in figures.takings(business_date()):
        for line in [taken.total, *taken.lines]:
            for kind, figure in [
                ("", line.net),
                (Kind.CAPTURED, line.captured),
                (Kind.REFUNDED, line.refunded),
                (Kind.DISPUTED, line.disputed),
            ]:
                listed = movements.listed(line.cell.of(kind), skip=0, limit=MOST)
                amounts = [one.amount for one in listed]
                assert sum(amounts, Money.zero(figure.currency)) == figure
                assert all(kind in ("", one.kind) for one in listed)


def test_a_day_is_the_business_day() -> None:
    account = ProviderAccountFactory.create()
    day.paid_at(
        account,
        dt.datetime(2026, 3, 28, 23, 59, 59, 999_999, HELSINKI),
        dt.datetime(2026, 3, 29, 0, 0, tzinfo=HELSINKI),
        dt.datetime(2026, 3, 29, 23, 30, tzinfo=HELSINKI),
    )

    # The clocks go forward on the 29th: that day has 23 hours.
    counts = [
        [taken.total.payments for taken in figures.takings(dt.date(2026, 3, date))]
        for date in (27, 28, 29, 30)
    ]

    assert counts == [[], [1], [2], []]


def test_a_past_day_never_changes() -> None:
    account = ProviderAccountFactory.create()
    yesterday = business_date() - dt.timedelta(days=1)
    (capture,) = day.paid_at(account, dt.datetime.combine(yesterday, dt.time(12), HELSINKI))
    before = figures.takings(yesterday)

    day.refunded(capture, 2_500)

    assert figures.takings(yesterday) == before
    (today,) = figures.takings(business_date())
    assert (today.total.payments, today.total.net) == (0, euros(-2_500))


def test_a_dispute_that_is_won_brings_the_money_back() -> None:
    account = ProviderAccountFactory.create()
    capture = day.taken(account, "card", 5_000)

    day.disputed(capture, 5_000)
    lost = figures.takings(business_date())[0].total
    day.disputed(capture, 5_000, "won")
    won = figures.takings(business_date())[0].total

    assert (lost.disputed, lost.net) == (euros(-5_000), euros(0))
    assert (won.disputed, won.net) == (euros(0), euros(5_000))


def test_the_authorisation_rate_counts_what_has_ended() -> None:
    day.busy_day()

    found = {(one.method, one.provider): one for one in figures.authorisation(business_date())}

    card, mobile = found["card", "Nets"], found["mobilepay", "Nets"]
    assert (card.authorised, card.ended, card.rate_bp) == (2, 3, 6_667)
    assert (mobile.authorised, mobile.ended, mobile.rate_bp) == (1, 1, 10_000)
    assert mobile.counts[Outcome.UNDER_WAY] == 1
    assert found["bank", "Paytrail"].counts[Outcome.GIVEN_UP] == 1


def test_the_counts_of_the_rate_are_the_counts_of_the_rows() -> None:
    day.busy_day()

    for one in figures.authorisation(business_date()):
        listed = rows.attempts_begun(business_date()).filter(
            method=one.method, account__public_id=one.account
        )
        for outcome, count in one.counts.items():
            statuses = rows.STATUSES[outcome]
            assert listed.filter(rows.in_statuses(statuses)).count() == count


def test_there_is_no_rate_while_nothing_has_ended() -> None:
    day.begun(ProviderAccountFactory.create(), "card")

    (found,) = figures.authorisation(business_date())

    assert (found.ended, found.rate_bp) == (0, None)


def test_every_status_of_an_attempt_is_an_outcome() -> None:
    counted = [status for statuses in rows.STATUSES.values() for status in statuses]

    assert sorted(counted) == sorted(rows.Status.values)


@pytest.mark.parametrize(
    ("days_late", "age"),
    [
        (-1, Age.NOT_DUE),
        (0, Age.NOT_DUE),
        (1, Age.FORTNIGHT),
        (14, Age.FORTNIGHT),
        (15, Age.MONTH),
        (30, Age.MONTH),
        (31, Age.LONGER),
        (400, Age.LONGER),
    ],
)
def test_what_is_owed_has_its_age(days_late: int, age: Age) -> None:
    day.owing(days_late, 7_990)

    (owed,) = figures.outstanding()

    assert {aged.age: aged.sum.minor for aged in owed.ages if aged.count} == {age: 7_990}
    assert owed.overdue == euros(7_990 if days_late > 0 else 0)


def test_what_is_owed_is_the_sum_of_its_invoices() -> None:
    day.busy_day()

    for owed in figures.outstanding():
        listed = {age: rows.owed(age, owed.currency) for age in [*Age, OVERDUE, ""]}
        sums = {age: sum(row.open_amount for row in found) for age, found in listed.items()}
        assert {aged.age: aged.sum.minor for aged in owed.ages} == {age: sums[age] for age in Age}
        assert {aged.age: aged.count for aged in owed.ages} == {
            age: listed[age].count() for age in Age
        }
        assert (owed.owed.minor, owed.overdue.minor) == (sums[""], sums[OVERDUE])


def test_links_wait_while_they_can_be_paid() -> None:
    account = ProviderAccountFactory.create()
    CheckoutSessionFactory.create(intent__amount=2_500)
    CheckoutSessionFactory.create(
        expires_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1), intent__amount=900
    )
    day.taken(account, "card")

    (waiting,) = figures.links_waiting()

    assert (waiting.count, waiting.opened, waiting.sum) == (1, 0, euros(2_500))
    assert rows.links_waiting("EUR").count() == 1


def test_each_figure_costs_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    day.busy_day()
    today = business_date()

    reads: list[Callable[[], object]] = [
        lambda: figures.takings(today),
        lambda: figures.authorisation(today),
        figures.outstanding,
        figures.links_waiting,
        lambda: movements.listed(Cell(today), skip=0, limit=MOST),
    ]
    for read in reads:
        with django_assert_num_queries(1):
            read()


def test_an_empty_house_has_empty_figures() -> None:
    today = business_date()

    assert figures.takings(today) == []
    assert figures.authorisation(today) == []
    assert figures.outstanding() == []
    assert figures.links_waiting() == []
    assert figures.total_of([]) == Authorisation("", "", "", dict.fromkeys(Outcome, 0))
