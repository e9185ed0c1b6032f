"""The proof for auditors: a recording that ran while a card was keyed is never missed."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from core.jobs import business_date
from core.models import AuditEvent
from payments.models import CheckoutSession
from reporting import keying
from reporting.keying import Verdict
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories.calls import ring, tell
from tests.factories.payments import CheckoutSessionFactory

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from core.models import User
    from crm.models import Call

pytestmark = pytest.mark.django_db


def recorded_call(user: User, *, paused: int, resumed: int) -> Call:
    """A call that began a minute ago, is recorded from its first second, and paused so long."""
    call = tell(ring(user), "answered", 0)
    call = tell(call, "recording_started", 1)
    call = tell(call, "recording_paused", paused)
    return tell(call, "recording_resumed", resumed)


def keyed(
    call: Call | None, *, opened: int, ended: int, kind: str = "keyed", is_masked: bool = False
) -> CheckoutSession:
    """A page that was open between two seconds of the call's minute."""
    began_at = timezone.now().replace(microsecond=0) - timedelta(minutes=1)
    session: CheckoutSession = CheckoutSessionFactory.create(
        kind=kind,
        is_masked=is_masked,
        call=call,
        status="paid",
        opened_at=began_at + timedelta(seconds=opened),
        ended_at=began_at + timedelta(seconds=ended),
    )
    return session


def today() -> list[keying.Keying]:
    return keying.of_days(business_date() - timedelta(days=1), business_date())


def test_a_page_that_lies_within_the_pause_is_covered() -> None:
    keyed(recorded_call(people.supervisor(), paused=10, resumed=40), opened=15, ended=35)

    (found,) = today()

    assert (found.verdict, found.recorded, found.is_incident) == (
        Verdict.COVERED,
        timedelta(),
        False,
    )


def test_a_recording_that_goes_on_too_early_is_an_incident_of_so_many_seconds() -> None:
    keyed(recorded_call(people.supervisor(), paused=10, resumed=40), opened=12, ended=55)

    (found,) = today()

    assert found.verdict is Verdict.UNCOVERED
    assert 14 <= found.recorded.total_seconds() <= 16


def test_a_keypad_counts_as_a_page_does_unless_its_digits_are_masked() -> None:
    call = recorded_call(people.supervisor(), paused=10, resumed=40)
    keyed(call, opened=12, ended=55, kind="keypad", is_masked=True)
    keyed(call, opened=13, ended=55, kind="keypad")
    keyed(call, opened=14, ended=35, kind="keypad")
    browser = signed_in(people.auditor())

    found = today()
    rows = list(csv.DictReader(browser.get("/reports/keying.csv").content.decode().splitlines()))

    assert [one.verdict for one in found] == [Verdict.COVERED, Verdict.UNCOVERED, Verdict.MASKED]
    assert [one.is_incident for one in found] == [False, True, False]
    assert {row["way"] for row in rows} == {"keypad"}
    assert [row["verdict"] for row in rows] == ["covered", "uncovered", "masked"]


def test_without_a_call_it_is_an_incident() -> None:
    keyed(None, opened=1, ended=5)

    assert [one.verdict for one in today()] == [Verdict.NO_CALL]


def test_links_and_pages_that_were_never_opened_are_not_rows() -> None:
    CheckoutSessionFactory.create(opened_at=timezone.now())
    CheckoutSessionFactory.create(kind="keyed", opened_at=None)

    assert today() == []


def test_it_reads_twice_however_many_there_are(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    call = recorded_call(people.supervisor(), paused=10, resumed=40)
    for second in range(5):
        keyed(call, opened=second, ended=second + 5)

    with django_assert_num_queries(2):
        today()


def test_the_page_counts_incidents_and_the_file_says_the_same() -> None:
    call = recorded_call(people.supervisor(), paused=10, resumed=40)
    keyed(call, opened=15, ended=35)
    keyed(call, opened=12, ended=55)
    browser = signed_in(people.auditor())

    page = browser.get("/reports/keying/").content.decode()
    answer = browser.get("/reports/keying.csv")

    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert "<strong>1 incident</strong>" in page
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert sorted(row["verdict"] for row in rows) == ["covered", "uncovered"]
    assert {row["call"] for row in rows} == {call.public_id}
    assert AuditEvent.objects.filter(action="keying.exported").count() == 1


def test_what_others_wrote_is_no_formula() -> None:
    supervisor = people.supervisor()
    supervisor.username = "=cmd"
    supervisor.save()
    keyed(recorded_call(supervisor, paused=10, resumed=40), opened=15, ended=35)

    answer = signed_in(people.auditor()).get("/reports/keying.csv").content.decode()

    assert ",'=cmd," in answer


def test_finance_exports_nothing_that_it_may_not_see() -> None:
    assert signed_in(people.finance()).get("/reports/keying.csv").status_code == 403


def test_agents_see_neither() -> None:
    browser = signed_in(people.agent())

    assert browser.get("/reports/keying/").status_code == 403
    assert browser.get("/reports/keying.csv").status_code == 403
    assert not AuditEvent.objects.filter(action="keying.exported").exists()
