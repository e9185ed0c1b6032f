"""Lists of payments, one payment whole, parked deliveries, the desk, and what they cost."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import AuditEvent
from crm.models import OutgoingMessage
from payments.models import PaymentIntent, WebhookEvent
from payments.models.events import Source
from payments.providers.base import Decline, Snapshot, SubjectKind
from payments.services import links
from payments.services.apply import apply_snapshot
from tests.factories import core as people
from tests.factories.desk import Desk
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import (
    PaymentAttemptFactory,
    PaymentIntentFactory,
    ProviderAccountFactory,
    news,
    paid_capture,
    paid_snapshot,
)

if TYPE_CHECKING:
    from django.test import Client

    from payments.models import PaymentAttempt

pytestmark = pytest.mark.django_db

MOST = 12


@pytest.fixture
def desk() -> Desk:
    return Desk(people.supervisor())


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    assert answer.status_code == 200
    return len(captured)


def declined(attempt: PaymentAttempt) -> None:
    snapshot = Snapshot(
        attempt=news(SubjectKind.ATTEMPT, "pending", 0, our_id=attempt.public_id),
        declines=(Decline("ch_1", "insufficient_funds"),),
    )
    apply_snapshot(account=attempt.account, snapshot=snapshot, source=Source.WEBHOOK)


# The customer's page


def test_the_customers_page_costs_the_same_at_one_and_at_a_hundred_payments(desk: Desk) -> None:
    desk.saved_card()
    desk.sent()
    path = f"/customers/{desk.customer.public_id}/pay/"
    at_one = queries(desk.client, path)

    for number in range(99):
        invoice = InvoiceFactory.create(customer=desk.customer, total=1_000 + number)
        if number < 5:
            paid_capture(invoice=invoice)
        else:
            PaymentIntentFactory.create(customer=desk.customer, amount=1_000)

    assert queries(desk.client, path) == at_one
    assert at_one <= MOST


def test_the_customers_page_keeps_its_ceiling_while_a_payment_is_refused(desk: Desk) -> None:
    desk.saved_card()
    intent = desk.sent()
    session = intent.sessions.get()
    declined(PaymentAttemptFactory.create(session=session, intent=intent))
    path = f"/customers/{desk.customer.public_id}/pay/"

    assert "Nothing was charged" in desk.page()
    assert queries(desk.client, path) <= MOST


def test_undelivered_is_told_with_the_place_and_the_reason(desk: Desk) -> None:
    intent = desk.sent()
    links.record_message_status(
        session_public_id=intent.sessions.get().public_id,
        message_id=OutgoingMessage.objects.get().public_id,
        status="failed",
        detail="number not in use",
    )

    page = desk.page()

    assert "SMS not delivered" in page
    assert "+358 40 ··· 4567 · number not in use" in page


# Lists


def test_the_list_shows_the_newest_first_and_links_to_each(desk: Desk) -> None:
    older = PaymentIntentFactory.create(amount=1_100)
    newer = PaymentIntentFactory.create(amount=2_200)

    page = desk.client.get("/payments/").content.decode()

    assert page.index(newer.public_id) < page.index(older.public_id)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("status=succeeded", True),
        ("status=canceled", False),
        ("method=card", True),
        ("method=mobilepay", False),
        ("review=on", False),
        ("since={today}", True),
        ("since={tomorrow}", False),
        ("until={today}", True),
        ("until={yesterday}", False),
        ("status=nonsense&since=nonsense", True),
    ],
)
def test_what_is_looked_for_stands_in_the_address(
    desk: Desk,
    query: str,
    is_found: bool,  # noqa: FBT001
) -> None:
    paid = paid_capture(invoice=desk.fibre).attempt.intent
    today = timezone.localdate()
    days = {
        "today": today.isoformat(),
        "tomorrow": (today + dt.timedelta(days=1)).isoformat(),
        "yesterday": (today - dt.timedelta(days=1)).isoformat(),
    }

    page = desk.client.get(f"/payments/?{query.format(**days)}").content.decode()

    assert (paid.public_id in page) is is_found


def test_the_list_shows_fifty_and_costs_the_same_however_many(desk: Desk) -> None:
    PaymentIntentFactory.create()
    at_one = queries(desk.client, "/payments/")
    customer = desk.customer
    PaymentIntent.objects.bulk_create(
        PaymentIntent(customer=customer, amount=100, currency="EUR") for _ in range(99)
    )

    page = desk.client.get("/payments/").content.decode()

    assert page.count("data-row>") == 50
    assert "page=2" in page
    assert queries(desk.client, "/payments/") == at_one
    assert at_one <= MOST


def test_an_empty_list_says_what_to_do(desk: Desk) -> None:
    assert "from the first link on" in desk.client.get("/payments/").content.decode()
    assert "Show all" in desk.client.get("/payments/?status=canceled").content.decode()


def to_review(desk: Desk) -> PaymentIntent:
    """A payment that came twice what was asked."""
    attempt = PaymentAttemptFactory.create(session__intent__customer=desk.customer)
    snapshot = paid_snapshot(attempt, attempt.amount * 2)
    apply_snapshot(account=attempt.account, snapshot=snapshot, source=Source.WEBHOOK)
    intent = PaymentIntent.objects.get(pk=attempt.intent_id)
    assert intent.needs_review
    return intent


def test_what_needs_a_look_is_listed_with_the_reason(desk: Desk) -> None:
    intent = to_review(desk)

    page = desk.client.get("/payments/review/").content.decode()

    assert intent.public_id in page
    assert "More was taken than was asked for" in page
    assert queries(desk.client, "/payments/review/") <= MOST


# One payment


def test_one_payment_tells_everything(desk: Desk) -> None:
    desk.take(items=[desk.fibre.public_id], amount="€79.90", shown="€79.90")
    intent = PaymentIntent.objects.get()
    attempt = PaymentAttemptFactory.create(session=intent.sessions.get(), intent=intent)
    apply_snapshot(account=attempt.account, snapshot=paid_snapshot(attempt), source=Source.WEBHOOK)
    capture = attempt.captures.get()
    desk.act(intent, "refund", capture=capture.public_id, amount="10", reason="Delivered late")

    path = f"/payments/{intent.public_id}/"
    page = desk.client.get(path).content.decode()

    for words in (
        desk.fibre.number,
        "Refund of €10.00 asked for",
        "Delivered late",
        "Link",
        "Webhook · Sandbox",
        "The customer’s money",
        "Asked for the payment",
        "Asked for a refund",
    ):
        assert words in page
    assert queries(desk.client, path) <= MOST


def test_who_may_not_see_the_audit_does_not_see_it_here() -> None:
    desk = Desk(people.agent())
    intent = desk.sent()

    page = desk.client.get(f"/payments/{intent.public_id}/").content.decode()

    assert AuditEvent.objects.filter(object_id=intent.public_id).exists()
    assert "Who did what" not in page


@pytest.mark.parametrize(
    "role", ["agent", "senior_agent", "finance", "supervisor", "admin", "auditor"]
)
def test_everybody_who_works_here_sees_payments(role: str) -> None:
    desk = Desk(getattr(people, role)())
    intent = PaymentIntentFactory.create()

    for path in (
        "/payments/",
        "/payments/review/",
        "/payments/parked/",
        f"/payments/{intent.public_id}/",
    ):
        assert desk.client.get(path).status_code == 200


def test_a_payment_nobody_knows_is_not_found(desk: Desk) -> None:
    assert desk.client.get("/payments/pi_unknown/").status_code == 404


# Parked deliveries


def parked() -> WebhookEvent:
    now = timezone.now()
    return WebhookEvent.objects.create(
        account=ProviderAccountFactory.create(),
        event_id="evt_1",
        kind="payment.succeeded",
        reference="pay_unknown",
        state=WebhookEvent.State.PARKED,
        attempts=12,
        next_at=now,
        received_at=now,
        error="unknown reference pay_unknown",
    )


def test_a_parked_delivery_is_tried_again_by_who_may(desk: Desk) -> None:
    event = parked()
    assert "pay_unknown" in desk.client.get("/payments/parked/").content.decode()

    answer = desk.post(f"/payments/parked/{event.pk}/replay/")

    event.refresh_from_db()
    assert answer.status_code == 302
    assert (event.state, event.attempts) == ("received", 0)
    assert AuditEvent.objects.filter(action="webhook.replayed").count() == 1
    assert queries(desk.client, "/payments/parked/") <= MOST


@pytest.mark.parametrize("role", ["agent", "senior_agent", "auditor"])
def test_who_may_not_replay_changes_nothing(role: str) -> None:
    desk = Desk(getattr(people, role)())
    event = parked()

    answer = desk.post(f"/payments/parked/{event.pk}/replay/")

    event.refresh_from_db()
    assert answer.status_code == 403
    assert event.state == "parked"
    assert "Try again" not in desk.client.get("/payments/parked/").content.decode()


def test_only_what_is_parked_can_be_replayed(desk: Desk) -> None:
    event = parked()
    WebhookEvent.objects.update(state="done")

    answer = desk.post(f"/payments/parked/{event.pk}/replay/")

    event.refresh_from_db()
    assert answer.status_code == 404
    assert event.state == "done"


# The desk


def test_the_desk_shows_links_that_wait_and_what_needs_a_look(desk: Desk) -> None:
    desk.sent()
    to_review(desk)

    page = desk.client.get("/").content.decode()

    assert "Links that wait" in page
    assert "€184.90" in page
    assert "Needs a person’s look" in page
    assert queries(desk.client, "/") <= MOST


def test_a_paid_link_does_not_wait(desk: Desk) -> None:
    paid_capture(invoice=desk.fibre)

    assert "No link waits" in desk.client.get("/").content.decode()
