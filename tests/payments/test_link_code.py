"""The open link as a code on the screen, and how long it still works."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from core.models import AuditEvent
from payments.clocks import clock_of
from payments.models import CheckoutSession
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories.desk import HTMX, Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_code_is_shown_kept_nowhere_and_put_on_record(desk: Desk) -> None:
    intent = desk.sent()

    answer = desk.act(intent, "code")

    session = CheckoutSession.objects.get()
    assert answer.status_code == 200
    assert "data:image/svg+xml" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    shown = AuditEvent.objects.get(action="checkout_session.shown")
    assert shown.object_id == session.public_id


def test_without_scripts_the_code_is_a_page(desk: Desk) -> None:
    intent = desk.sent()

    page = desk.client.post(f"/payments/{intent.public_id}/code/").content.decode()

    assert "<html" in page
    assert "data:image/svg+xml" in page


@pytest.mark.parametrize("status", ["closed", "expired", "paid"])
def test_a_link_that_is_over_has_no_code(desk: Desk, status: str) -> None:
    intent = desk.sent()
    CheckoutSession.objects.update(status=status)

    answer = desk.act(intent, "code")

    assert answer.status_code == 409
    assert "data:image" not in answer.content.decode()
    assert not AuditEvent.objects.filter(action="checkout_session.shown").exists()


def test_past_its_time_it_has_none_either(desk: Desk) -> None:
    intent = desk.sent()
    CheckoutSession.objects.update(expires_at=timezone.now())

    assert desk.act(intent, "code").status_code == 409
    assert "/code/" not in desk.page()


@pytest.mark.parametrize("role", ["finance", "auditor", "admin"])
def test_who_may_not_take_payments_sees_no_code(desk: Desk, role: str) -> None:
    intent = desk.sent()
    client = signed_in(getattr(people, role)())

    answer = client.post(f"/payments/{intent.public_id}/code/", headers=HTMX)

    assert answer.status_code == 403
    assert not AuditEvent.objects.filter(action="checkout_session.shown").exists()


def test_the_rail_says_how_long_the_link_works(desk: Desk) -> None:
    desk.sent()

    found = re.search(r'data-countdown="(\d+)"[^>]*>([\d:]+)<', desk.page())

    assert found
    assert 86_000 < int(found[1]) <= 86_400
    assert found[2] in {clock_of(int(found[1])), "24:00:00"}


@pytest.mark.parametrize(
    ("left", "shown"),
    [(0, "0:00"), (18, "0:18"), (3_599, "59:59"), (3_600, "1:00:00"), (86_399, "23:59:59")],
)
def test_a_clock_shows_hours_only_where_there_are_some(left: int, shown: str) -> None:
    assert clock_of(left) == shown
