"""The page of the day: its numbers lead to their rows, and only some may see it."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from core import live
from core.jobs import business_date
from core.middleware import SELF_REFRESHING
from core.models import Role, User
from core.money import Money, format_money
from reporting import figures, live_topics
from reporting.rows import Age
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories import reporting as day
from tests.factories.core import UserFactory
from tests.factories.payments import ProviderAccountFactory

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

PAGE = "/reports/today/"
PAGES = [PAGE, f"{PAGE}figures/", *(f"/reports/{name}/" for name in ("money", "owed", "links"))]
LINK = re.compile(r'<a href="(/reports/(?:money|attempts|owed|links)/\?[^"]+)"[^>]*>([^<]+)</a>')
BODY_ROW = re.compile(r"<tr>\s*<td")


def reader() -> Client:
    return signed_in(people.supervisor())


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def linked_numbers(page: str) -> dict[str, str]:
    return {unescape(address): unescape(number).strip() for address, number in LINK.findall(page)}


def in_words(minor: int, currency: str = "EUR") -> str:
    return format_money(Money(minor, currency), "en_GB")


def test_the_page_shows_the_day() -> None:
    day.busy_day()

    page = text_of(reader().get(PAGE))

    assert in_words(18_500 + 7_990) in page
    assert "67% (2 of 3)" in page
    assert in_words(1_200, "JPY") in page
    assert page.count('<svg class="bars" role="img"') == 5
    assert page.count("<title>") == 1 + 5


def test_every_number_leads_to_as_many_rows_as_it_says() -> None:
    day.busy_day()
    browser = reader()
    numbers = linked_numbers(text_of(browser.get(PAGE)))

    counted = 0
    for address, number in numbers.items():
        rows = text_of(browser.get(address))
        if "/money/" in address or "/owed/" in address:
            amount = number.removesuffix(" overdue")
            is_nothing = not re.search(r"[1-9]", amount) and "/owed/" in address
            assert is_nothing or f'<strong class="amount">{amount}</strong>' in unescape(rows)
        else:
            rows_shown = len(BODY_ROW.findall(rows))
            assert number.startswith(str(rows_shown)) or f"({rows_shown} of" in number
        counted += 1

    kinds = [address.split("?")[0] for address in numbers]
    assert {"/reports/money/", "/reports/attempts/", "/reports/owed/", "/reports/links/"} == set(
        kinds
    )
    assert counted > 30


def test_another_day_is_asked_for_in_the_address() -> None:
    day.taken(ProviderAccountFactory.create(), "card")
    browser = reader()

    past = text_of(browser.get(f"{PAGE}?day=2026-02-28"))
    assert "28 February 2026" in past
    assert "No money has moved on this day" in past
    assert 'value="2026-02-28"' in past
    assert "?day=2026-02-27" in past
    assert "?day=2026-03-01" in past


@pytest.mark.parametrize("asked", ["", "2999-01-01", "yesterday", "2026-02-30"])
def test_what_is_no_past_day_is_today(asked: str) -> None:
    page = text_of(reader().get(PAGE, {"day": asked}))

    assert "Takings today" in page
    assert f'value="{business_date().isoformat()}"' in page


def test_the_page_keeps_itself_up_to_date() -> None:
    page = text_of(reader().get(PAGE))
    before = int(re.findall(r'data-live-version="(\d+)"', page)[0])
    user = people.supervisor()

    day.taken(ProviderAccountFactory.create(), "card")

    assert 'data-live-topic="takings"' in page
    assert 'hx-get="/reports/today/figures/"' in page
    assert live.versions(user, ["takings"])["takings"] > before
    assert live.versions(people.agent(), ["takings"]) == {}
    fragment = text_of(reader().get(f"{PAGE}figures/", headers={"HX-Request": "true"}))
    assert fragment.lstrip().startswith('<div id="figures"')
    assert in_words(10_000) in fragment


def test_watching_the_page_keeps_nobody_signed_in() -> None:
    assert "reporting:figures" in SELF_REFRESHING


@pytest.mark.parametrize("path", PAGES)
def test_only_roles_that_see_reports_see_them(path: str) -> None:
    agent = signed_in(UserFactory.create(role=Role.AGENT))

    assert agent.get(path).status_code == 403
    assert Client().get(path).status_code == 302
    for role in (Role.SENIOR_AGENT, Role.FINANCE, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR):
        assert signed_in(UserFactory.create(role=role)).get(path).status_code == 200


def test_the_bar_leads_there_for_those_who_may() -> None:
    assert f'href="{PAGE}"' in text_of(reader().get("/payments/"))
    assert f'href="{PAGE}"' not in text_of(signed_in(people.agent()).get("/payments/"))


@pytest.mark.parametrize(
    "address",
    [
        "/reports/money/?kind=stolen",
        "/reports/money/?account=acct_nobody",
        "/reports/attempts/?outcome=won",
        "/reports/attempts/?account=acct_nobody",
        "/reports/owed/?age=7",
    ],
)
def test_rows_are_never_shown_for_a_number_that_does_not_exist(address: str) -> None:
    assert reader().get(address).status_code == 404


def test_the_page_costs_the_same_however_much_is_in_it(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = reader()
    browser.get(PAGE)

    day.busy_day()

    with django_assert_max_num_queries(12):
        browser.get(PAGE)


@pytest.mark.parametrize("name", ["money", "attempts", "owed", "links"])
def test_a_list_of_fifty_costs_few_statements(
    name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    account = ProviderAccountFactory.create()
    for _ in range(8):
        day.taken(account, "card")
        day.begun(account, "card")
        day.owing(3)
    browser = reader()
    browser.get(f"/reports/{name}/")

    with django_assert_max_num_queries(8):
        page = text_of(browser.get(f"/reports/{name}/"))

    assert len(BODY_ROW.findall(page)) >= 8


def test_the_version_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert live_topics.version() >= 0


def test_ages_are_named_in_every_language() -> None:
    user: User = UserFactory.create(role=Role.FINANCE, language="en")
    day.owing(20)

    page = text_of(signed_in(user).get(PAGE))

    (owed,) = figures.outstanding()
    assert [aged.age for aged in owed.ages if aged.count] == [Age.MONTH]
    assert "15–30 days late" in page
