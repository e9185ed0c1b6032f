"""How calls went: every figure is counted from its own rows, and opens exactly those."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from core.jobs import business_date
from crm.models import Feedback, OutgoingMessage
from reporting import feedback
from reporting.feedback import Span, Which
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories.core import UserFactory
from tests.factories.feedback import answered, asked, caller, moved, talk, wrapped_up

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

PAGE = "/reports/feedback/"
LINK = re.compile(r'<a href="(/reports/feedback/rows/[^"]+)"[^>]*>([^<]+)</a>')
ROW = re.compile(r"<tr>\s*<td>")


def today() -> Span:
    return Span(business_date(), business_date())


def a_week() -> None:
    """Answers of two agents with two outcomes on two days, and calls without."""
    aino, eero = UserFactory.create(first_name="Aino"), UserFactory.create(first_name="Eero")
    answered(5, "Quick", user=aino)
    answered(4, user=aino, outcome="promised")
    answered(1, "Slow", user=eero)
    asked(eero)
    wrapped_up(talk(caller(), eero), unasked="declined")
    wrapped_up(talk(caller(), eero, seconds=3))
    yesterday = timezone.now() - timedelta(days=1)
    moved(answered(2, user=aino), created_at=yesterday)
    moved(answered(3), created_at=timezone.now() - timedelta(days=60))


def test_the_figures_of_a_span_are_those_of_its_questions() -> None:
    a_week()

    figures = feedback.total(today())

    assert (figures.asked, figures.answered) == (4, 3)
    assert figures.counts == {1: 1, 2: 0, 3: 0, 4: 1, 5: 1}
    assert figures.mean_hundredths == 333
    assert figures.rate_bp == 7_500
    assert figures.share_bp(5) == 3_333


def test_they_are_told_by_day_agent_and_outcome() -> None:
    a_week()
    span = Span(business_date() - timedelta(days=1), business_date())

    days, agents, outcomes = (
        [(one.asked, one.answered) for one in told(span)]
        for told in (feedback.by_day, feedback.by_agent, feedback.by_outcome)
    )

    assert days == [(4, 3), (1, 1)]
    assert agents == [(3, 3), (2, 1)]
    assert outcomes == [(4, 3), (1, 1)]
    assert [one.name for one in feedback.by_outcome(span)] == ["Paid", "Promised to pay"]
    assert feedback.by_agent(span)[0].name.startswith("Aino")


def test_why_nobody_was_asked_is_counted() -> None:
    a_week()

    assert sorted(feedback.withheld(today())) == [
        ("the call was short", 1),
        ("the customer does not want it", 1),
    ]


def test_without_answers_there_is_no_mean_and_no_rate() -> None:
    figures = feedback.total(today())

    assert (figures.mean_hundredths, figures.rate_bp, figures.share_bp(1)) == (None, None, 0)


def test_every_number_opens_as_many_rows_as_it_says() -> None:
    a_week()
    browser = signed_in(people.supervisor())
    page = browser.get(PAGE).content.decode()
    found = [(unescape(href), number.strip()) for href, number in LINK.findall(page)]
    numbers = [(href, number) for href, number in found if number.isdecimal()]

    for href, number in numbers:
        rows = browser.get(href).content.decode()
        assert len(ROW.findall(rows)) == int(number), href

    assert len(numbers) > 15
    assert "3.00" in page
    assert "Quick" in page
    assert "80%" in page


def test_the_rows_can_be_narrowed_to_a_score_and_to_words() -> None:
    a_week()
    browser = signed_in(people.supervisor())

    unhappy = browser.get(f"{PAGE}rows/?which=answered&score=1").content.decode()
    written = browser.get(f"{PAGE}rows/?which=written").content.decode()
    unasked = browser.get(f"{PAGE}rows/?which=withheld").content.decode()

    assert (len(ROW.findall(unhappy)), len(ROW.findall(written))) == (1, 2)
    assert "Slow" in unhappy
    assert "the call was short" in unasked
    assert feedback.rows(today(), Which.ASKED).count() == 4


@pytest.mark.parametrize("query", ["which=all", "score=6", "agent=%27", "outcome=a b"])
def test_what_cannot_be_meant_is_not_found(query: str) -> None:
    assert signed_in(people.supervisor()).get(f"{PAGE}rows/?{query}").status_code == 404


@pytest.mark.parametrize("path", ["", "rows/", "poor/"])
def test_agents_do_not_see_how_colleagues_do(path: str) -> None:
    assert signed_in(people.agent()).get(PAGE + path).status_code == 403


def test_a_span_is_of_thirty_days_and_of_ninety_two_at_most() -> None:
    moved(answered(3), created_at=timezone.now() - timedelta(days=28))
    moved(answered(4), created_at=timezone.now() - timedelta(days=80))
    moved(answered(5), created_at=timezone.now() - timedelta(days=200))
    browser = signed_in(people.supervisor())

    usual = browser.get(PAGE).context["total"]
    most = browser.get(f"{PAGE}?first=2020-01-01").context["total"]

    assert (usual.asked, most.asked) == (1, 2)


def test_where_nobody_was_asked_it_says_what_will_stand_there() -> None:
    page = signed_in(people.supervisor()).get(PAGE).content.decode()

    assert "Nobody was asked in these days" in page


def test_they_take_few_statements(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    a_week()
    browser = signed_in(people.supervisor())

    for path in ("", "rows/", "poor/"):
        with django_assert_max_num_queries(12):
            browser.get(PAGE + path)
    assert Feedback.objects.count() == OutgoingMessage.objects.count() + 2
