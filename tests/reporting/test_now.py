"""Every figure of the board is true, has its rows, and stands on the page within seconds."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from core import live
from core.jobs import business_date
from core.middleware import SELF_REFRESHING
from core.models import Role, RoleLimit
from core.money import Money
from payments.models import PaymentAttempt, ProviderAccount, ProviderOperation
from payments.services import health
from reporting import movements, now
from reporting.days import Bounds, bounds_of
from reporting.now import Band, Tally
from tests.clients import signed_in
from tests.factories import board, calls, reporting
from tests.factories import core as people
from tests.factories.core import UserFactory
from tests.factories.payments import ProviderAccountFactory
from tests.payments import deciding
from tests.payments.test_surplus import moved, other_invoice, overpaid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

PAGE = "/reports/now/"
# A capture that fell back.
REVIEWED_ON_A_BUSY_DAY = 1
LISTS = [
    "/reports/calls/?which=ringing",
    "/reports/calls/?which=on_line",
    "/reports/calls/?which=answered",
    "/reports/calls/?which=missed",
    "/reports/unanswered/",
    "/reports/deliveries/",
    "/reports/messages/?which=failed",
    "/reports/messages/?which=unknown",
    "/reports/promises/?which=due",
    "/reports/promises/?which=broken",
    "/reports/feedback/poor/",
    "/reports/instalments/?which=instalments_due",
    "/reports/instalments/?which=instalments_missed",
    "/payments/review/",
    "/payments/parked/",
    "/payments/approvals/",
]
LINK = re.compile(r'<a href="(/(?:reports|payments)/[^"]+)"[^>]*>([^<]+)</a>')
BODY_ROW = re.compile(r'<tr>\s*<td|class="card approval"')


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    """What one test was told of providers and of four weeks is not another's."""
    health.forget()
    now.forget()
    yield
    health.forget()
    now.forget()


def reader() -> Client:
    return signed_in(people.supervisor())


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def figures_of(page: str) -> dict[str, str]:
    """The numbers of the board by the address of their rows, without the frame of the page."""
    return {unescape(href): unescape(number).strip() for href, number in LINK.findall(page)}


def rows_of(browser: Client, address: str) -> int:
    return len(BODY_ROW.findall(text_of(browser.get(address))))


def test_each_thing_is_counted_and_what_stands_beside_it_is_not() -> None:
    board.busy_moment()

    counts = {name: tally.count for name, tally in now.tallies().items()}

    assert counts == {
        "ringing": 2,
        "on_line": 3,
        "answered": 2 + 3,
        "missed": 4,
        "unanswered": 2,
        "waiting": 3,
        "parked": 2,
        "failed": 2,
        "unknown": 1,
        "in_review": 2 + REVIEWED_ON_A_BUSY_DAY,
        "awaiting": 2,
        "due": 2,
        "broken": 3,
        "poor": 2,
        "instalments_due": 2,
        "instalments_missed": 1,
    }


def test_every_number_of_the_board_leads_to_as_many_rows_as_it_says() -> None:
    board.busy_moment()
    browser = reader()
    figures = figures_of(text_of(browser.get(f"{PAGE}figures/")))

    for address, number in figures.items():
        found = rows_of(browser, address)
        if "/money/" in address:
            page = unescape(text_of(browser.get(address)))
            assert f'<strong class="amount">{number}</strong>' in page
        elif "/attempts/" in address:
            assert f"({found} of" in number
        else:
            assert number.removesuffix(" opened") == str(found), address

    assert set(LISTS) <= set(figures)


def test_whatever_waits_for_a_second_person_is_in_one_number_and_one_list() -> None:
    board.busy_moment()
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(per_move=1_000)
    capture = overpaid()
    moved(capture, other_invoice(capture))
    deciding.asked(deciding.unknown(ProviderOperation.Kind.REFUND))
    browser = reader()

    figures = figures_of(text_of(browser.get(f"{PAGE}figures/")))

    assert figures["/payments/approvals/"] == "4"
    assert rows_of(browser, "/payments/approvals/") == 4
    assert any("span=hour" in address for address in figures)
    assert any("opened=1" in address for address in figures)
    assert sum("/links/" in address for address in figures) == 2 + 2
    assert "/reports/money/?day=" in " ".join(figures)


def test_where_nothing_happens_every_number_is_nought_and_leads_to_no_rows() -> None:
    browser = reader()
    figures = figures_of(text_of(browser.get(f"{PAGE}figures/")))

    assert len(figures) > 9
    for address, number in figures.items():
        assert (number, rows_of(browser, address)) == ("0", 0)


def test_the_oldest_of_what_waits_is_told() -> None:
    account = ProviderAccountFactory.create()
    for minutes in (3, 42, 7):
        board.delivery(account, "received", minutes=minutes)
        board.delivery(account, "parked", minutes=2 * minutes)

    found = now.tallies()

    ages = [timezone.now() - (found[name].oldest or timezone.now()) for name in found]
    by_name = dict(zip(found, ages, strict=True))
    assert round(by_name["waiting"].total_seconds() / 60) == 42
    assert round(by_name["parked"].total_seconds() / 60) == 84
    assert found["unanswered"] == Tally()
    assert "oldest 42 min" in text_of(reader().get(PAGE))


def test_everybody_at_work_stands_there_once_by_the_call_that_matters() -> None:
    talking = board.on_line("Kaisa")
    assert talking.agent is not None
    calls.ring(talking.agent)
    free = board.answered("Maija")
    board.days_ago(board.on_line("Yrjö"))
    board.days_ago(board.answered("Åke"))

    shown = [(str(call.agent), call.pk, call.is_live) for call in now.people()]

    assert shown == [
        ("Kaisa Virtanen", talking.pk, True),
        ("Maija Virtanen", free.pk, False),
    ]
    page = text_of(reader().get(PAGE))
    assert "on the line" in page
    assert "free" in page


def test_the_takings_are_held_against_the_same_weekday_until_the_same_hour() -> None:
    account = ProviderAccountFactory.create()
    today = business_date()
    zone = timezone.get_default_timezone()
    moment = timezone.localtime(timezone.now(), zone)
    if moment.time() < dt.time(0, 10):
        pytest.skip("Too early in the day for an earlier hour of it.")
    before = [today - dt.timedelta(weeks=week) for week in range(1, 5)]
    earlier = [dt.datetime.combine(day, dt.time(0, 1), zone) for day in before[:3]]
    yesterday = dt.datetime.combine(today - dt.timedelta(days=1), dt.time(0, 1), zone)
    reporting.paid_at(account, *earlier, earlier[0], yesterday)
    reporting.taken(account, "card", 2_500)
    reporting.taken(account, "card", 700, "JPY")

    euros, yen = now.paces()

    # 100 euros on each of three days, and another 100 on the first, spread over four days.
    assert euros.today == Money(2_500, "EUR")
    assert euros.usual == Money(10_000, "EUR")
    assert (yen.today, yen.usual) == (Money(700, "JPY"), None)
    assert "usually €100.00 by this time" in text_of(reader().get(PAGE))


def test_a_span_has_its_first_instant_and_not_its_last() -> None:
    account = ProviderAccountFactory.create()
    day = bounds_of(dt.date(2026, 3, 29))
    reporting.paid_at(account, day.start, day.end)

    hundred, nothing = Money(10_000, "EUR"), Money(0, "EUR")
    spans = [day, Bounds(day.end, day.end + dt.timedelta(hours=1)), Bounds(day.start, day.start)]
    assert movements.left_of(spans) == {"EUR": [hundred, hundred, nothing]}


def begun(account: ProviderAccount, ended: dict[str, int], **ago: int) -> None:
    """Attempts by card that ended so, begun so long ago."""
    for status, count in ended.items():
        made = [reporting.begun(account, "card") for _ in range(count)]
        PaymentAttempt.objects.filter(pk__in=[one.pk for one in made]).update(
            status=status, created_at=timezone.now() - dt.timedelta(**ago)
        )


def test_the_rates_have_the_hour_the_day_and_the_days_of_four_weeks() -> None:
    account = ProviderAccountFactory.create(name="Nets")
    begun(account, {"authorised": 2, "declined": 8})
    begun(account, {"authorised": 9, "declined": 1}, days=3)
    begun(account, {"authorised": 5, "expired": 5}, days=10)
    begun(account, {"declined": 9}, days=12)
    begun(account, {"declined": 20}, days=30)

    (card,) = now.rates()

    assert (card.lately.authorised, card.lately.ended) == (2, 10)
    assert card.band == Band(5_000, 9_000)
    assert card.is_low
    page = text_of(reader().get(PAGE))
    assert "20% (2 of 10)" in page
    assert "50%–90%" in page
    assert "lower than on any day" in page
    assert 'class="band" x="50.00%"' in page


def test_few_attempts_are_never_called_low() -> None:
    account = ProviderAccountFactory.create()
    begun(account, {"declined": 9})
    begun(account, {"authorised": 10}, days=3)

    (card,) = now.rates()

    assert card.band == Band(10_000, 10_000)
    assert not card.is_low


def test_the_four_weeks_are_read_once_in_ten_minutes(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    now.rates()

    with django_assert_num_queries(1):
        now.rates()


def test_a_provider_in_trouble_is_told_of_with_the_currencies_it_concerns() -> None:
    ProviderAccountFactory.create(name="Nets", currencies=["EUR", "SEK"])
    assert "all work well" in text_of(reader().get(PAGE))
    away = timezone.now() + dt.timedelta(minutes=1)
    ProviderAccountFactory.create(
        name="Paytrail", currencies=["EUR"], priority=1, unavailable_until=away
    )
    health.forget()

    page = text_of(reader().get(PAGE))

    assert "Paytrail does not answer" in page
    assert "EUR · Payments go through Nets instead" in page
    assert "all work well" not in page


def test_the_board_keeps_itself_up_to_date() -> None:
    page = text_of(reader().get(PAGE))
    before = int(re.findall(r'data-live-version="(\d+)"', page)[0])
    user = people.supervisor()

    board.ringing("Aino")

    assert 'data-live-topic="now"' in page
    assert 'hx-trigger="news, every 4s"' in page
    assert live.versions(user, ["now"])["now"] > before
    assert live.versions(people.agent(), ["now"]) == {}
    assert "reporting:now-figures" in SELF_REFRESHING
    fragment = text_of(reader().get(f"{PAGE}figures/", headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith('<div id="figures"')


def test_the_board_costs_at_most_twelve_statements_however_much_is_on_it(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = reader()
    browser.get(PAGE)
    board.busy_moment()
    health.forget()
    now.forget()

    with django_assert_max_num_queries(12):
        browser.get(PAGE)
    with django_assert_max_num_queries(10):
        browser.get(f"{PAGE}figures/")


@pytest.mark.parametrize("address", LISTS)
def test_a_list_costs_few_statements(
    address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    board.busy_moment()
    browser = reader()
    browser.get(address)

    with django_assert_max_num_queries(8):
        browser.get(address)


@pytest.mark.parametrize(
    "path", [PAGE, f"{PAGE}figures/", *(one for one in LISTS if "reports" in one)]
)
def test_only_roles_that_see_reports_see_the_board(path: str) -> None:
    agent = signed_in(UserFactory.create(role=Role.AGENT))

    assert agent.get(path).status_code == 403
    assert Client().get(path).status_code == 302
    for role in (Role.SENIOR_AGENT, Role.FINANCE, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR):
        assert signed_in(UserFactory.create(role=role)).get(path).status_code == 200


def test_the_bar_leads_to_the_board_for_those_who_may() -> None:
    assert f'href="{PAGE}"' in text_of(reader().get("/payments/"))
    assert f'href="{PAGE}"' not in text_of(signed_in(people.agent()).get("/payments/"))


@pytest.mark.parametrize(
    ("role", "times"), [(Role.SUPERVISOR, 1), (Role.FINANCE, 1), (Role.AUDITOR, 0)]
)
def test_what_waits_for_a_second_person_is_told_to_who_may_approve(role: str, times: int) -> None:
    figures = text_of(signed_in(UserFactory.create(role=role)).get(f"{PAGE}figures/"))

    assert figures.count("Waits for a second person") == times


@pytest.mark.parametrize(
    "address",
    [
        "/reports/calls/",
        "/reports/calls/?which=all",
        "/reports/messages/?which=sent",
        "/reports/attempts/?span=week",
        "/reports/links/?opened=no",
    ],
)
def test_rows_that_nothing_counts_are_not_found(address: str) -> None:
    assert reader().get(address).status_code == 404
