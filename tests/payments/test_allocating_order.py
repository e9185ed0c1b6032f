"""News that pays and gives back at once: number series come before promises in the lock order."""

from __future__ import annotations

import pytest

from core.jobs import business_date
from core.money import Money
from orders.models import CreditNote
from orders.services.promises import Promised, make_promise
from payments.models import Capture, Refund
from payments.models.events import Source
from payments.providers.base import News, Reference, Snapshot, SubjectKind
from payments.services.apply import apply_snapshot
from tests.factories.core import finance
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import PaymentAttemptFactory, PaymentIntentFactory, news

pytestmark = pytest.mark.django_db


def test_an_older_capture_that_is_paid_waits_for_the_credit_note_of_a_newer_one() -> None:
    person, invoice = finance(), InvoiceFactory.create(total=10_000)
    intent = PaymentIntentFactory.create(
        customer=invoice.customer, amount=10_000, is_manual_capture=True
    )
    intent.items.create(invoice=invoice, amount=10_000)
    attempt = PaymentAttemptFactory.create(session__intent=intent, intent=intent)

    def taken(capture: Capture, status: str) -> News:
        amount, name = capture.amount, capture.public_id
        return news(SubjectKind.CAPTURE, status, amount, f"cap-{name}", our_id=name)

    def hear(*captures: News, refunds: tuple[News, ...] = ()) -> None:
        said = news(SubjectKind.ATTEMPT, "authorised", 10_000, "pay-1", our_id=attempt.public_id)
        snapshot = Snapshot(attempt=said, captures=captures, refunds=refunds)
        apply_snapshot(account=attempt.account, snapshot=snapshot, source=Source.WEBHOOK)

    hear()
    older, newer = (
        Capture.objects.create(attempt=attempt, amount=amount, currency="EUR")
        for amount in (6_000, 4_000)
    )
    hear(taken(older, "pending"), taken(newer, "succeeded"))
    promised = Promised(invoice.customer, [invoice.pk], Money(1_000, "EUR"), business_date())
    make_promise(promised, actor=person)
    refund = Refund.objects.create(
        capture=newer,
        amount=4_000,
        currency="EUR",
        reason="returned",
        requested_by=person,
        wants_credit_note=True,
    )
    given_back = news(
        SubjectKind.REFUND,
        "succeeded",
        4_000,
        "re-1",
        our_id=refund.public_id,
        parent=Reference("capture", f"cap-{newer.public_id}"),
    )

    hear(taken(older, "succeeded"), taken(newer, "succeeded"), refunds=(given_back,))

    intent.refresh_from_db()
    assert (intent.captured, intent.refunded) == (10_000, 4_000)
    assert CreditNote.objects.count() == 1
