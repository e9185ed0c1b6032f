"""A call's page tells the call and the money in one story, and its timeline entry the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import live
from crm.services import timeline
from payments.services.refunds import request_refund
from tests.clients import signed_in
from tests.factories.calls import ring, tell
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    from crm.models import Call

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def call(desk: Desk) -> Call:
    return tell(ring(desk.agent), "answered", 1)


def story_of(desk: Desk, call: Call) -> str:
    page = signed_in(desk.agent).get(reverse("crm:call", args=[call.public_id])).text
    return page.partition('id="call-story"')[2]


def test_one_story_tells_the_call_and_the_money_in_order(desk: Desk, call: Call) -> None:
    capture = desk.paid()
    request_refund(
        capture_id=capture.pk, amount=capture.money, reason="broken", requested_by=desk.agent
    )
    tell(call, "ended", 3600)

    story = story_of(desk, call)

    places = [story.index(words) for words in ("Answered", "Link created", "Paid", "Ended")]
    assert places == sorted(places)
    assert "Refund of" in story


def test_the_page_hears_of_what_is_made_during_the_call(desk: Desk, call: Call) -> None:
    topic = f"call:{call.public_id}"
    before = live.versions(desk.agent, [topic])[topic]

    desk.paid()

    assert live.versions(desk.agent, [topic])[topic] > before
    page = signed_in(desk.agent).get(reverse("crm:call", args=[call.public_id])).text
    assert 'data-live-topic="intent:' in page


def test_the_timeline_tells_what_a_call_brought(desk: Desk, call: Call) -> None:
    capture = desk.paid()
    call.refresh_from_db()
    call.customer = capture.attempt.intent.customer
    call.is_customer_chosen = True
    call.save()

    tell(call, "ended", 3600)

    (entry,) = [one for one in timeline.newest(call.customer.pk) if one.kind.startswith("call")]
    assert entry.kind == "call.inbound_taken"
    assert entry.data["amount"] == capture.captured


def test_the_page_costs_few_statements_however_much_was_done(desk: Desk, call: Call) -> None:
    desk.paid()
    client = signed_in(desk.agent)
    address = reverse("crm:call", args=[call.public_id])

    with CaptureQueriesContext(connection) as queries:
        client.get(address)

    assert len(queries) <= 12
