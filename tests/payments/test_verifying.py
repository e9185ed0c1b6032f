"""Deriving every figure again finds what was changed behind our back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.jobs import business_date
from core.money import Money
from orders.models import Instalment, PromiseToPay
from orders.services.allocate import record_payment
from orders.services.plans import Planned, make_plan
from orders.services.promises import Promised, make_promise
from payments.models import Capture, PaymentAttempt, PaymentIntent
from payments.services import checkout, operations
from payments.services.verifying import differences
from tests.factories.core import agent
from tests.factories.orders import InvoiceFactory
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def capture(desk: Desk) -> Iterator[Capture]:
    """A payment of which a part was given back. What a test changes is put right again."""
    capture = desk.paid()
    desk.refund(capture, 4_000)
    operations.drain()
    capture.refresh_from_db()
    kept = capture.captured, capture.attempt.intent.status, capture.attempt.status
    yield capture
    Capture.objects.filter(pk=capture.pk).update(captured=kept[0])
    PaymentIntent.objects.filter(pk=capture.attempt.intent_id).update(status=kept[1])
    PaymentAttempt.objects.filter(pk=capture.attempt_id).update(status=kept[2])


@pytest.mark.django_db
def test_a_promise_that_money_reached_without_ending_it_is_found() -> None:
    invoice = InvoiceFactory.create(total=1_000)
    said = Promised(invoice.customer, [invoice.pk], invoice.open_money, business_date())
    promise = make_promise(said, actor=agent())
    record_payment(invoices=[(invoice.pk, Money(1_000, "EUR"))], source_id="cap_x", cause="x")
    PromiseToPay.objects.filter(pk=promise.pk).update(kept_at=None)

    assert list(differences([])) == []
    assert f"promise {promise.public_id}: open, though 1000 of 1000 was paid" in list(differences())
    PromiseToPay.objects.filter(pk=promise.pk).update(kept_at=promise.created_at)


@pytest.mark.django_db
def test_a_part_that_money_reached_without_ticking_it_off_is_found() -> None:
    invoice = InvoiceFactory.create(total=1_000)
    planned = Planned(
        customer=invoice.customer,
        invoice_ids=[invoice.pk],
        amount=invoice.open_money,
        parts=2,
        first_on=business_date(),
    )
    plan = make_plan(planned, actor=agent())
    record_payment(invoices=[(invoice.pk, Money(500, "EUR"))], source_id="cap_x", cause="x")
    first = plan.instalments.get(position=1)
    Instalment.objects.filter(pk=first.pk).update(paid_at=None)

    assert list(differences([])) == []
    assert f"plan {plan.public_id}: part 1 open, though 500 of 500 was paid" in list(differences())
    Instalment.objects.filter(pk=first.pk).update(paid_at=plan.created_at, amount=501)
    assert f"plan {plan.public_id}: amount 1000, parts say 1001, 1 of them not paid" in list(
        differences()
    )
    Instalment.objects.filter(pk=first.pk).update(amount=500)


def test_a_sound_payment_gives_no_finding(capture: Capture) -> None:
    assert list(differences()) == []
    assert list(differences([capture.attempt.intent_id])) == []


def test_a_changed_amount_is_named(capture: Capture) -> None:
    Capture.objects.update(captured=9_999)

    assert any(f"captured of {capture.public_id}" in finding for finding in differences())


def test_a_changed_status_is_named(capture: Capture) -> None:
    PaymentAttempt.objects.filter(pk=capture.attempt_id).update(status="pending")
    PaymentIntent.objects.filter(pk=capture.attempt.intent_id).update(status="processing")

    findings = list(differences())

    assert any(f"status of {capture.attempt.public_id}" in finding for finding in findings)
    assert any(": status is processing" in finding for finding in findings)


def test_many_payments_are_read_by_as_many_statements_as_one(desk: Desk, capture: Capture) -> None:
    with CaptureQueriesContext(connection) as one:
        list(differences([capture.attempt.intent_id]))
    for _ in range(3):
        session = desk.link(desk.intent(1_000, allows_surplus=True))
        attempt = checkout.choose_method(session_id=session.pk, method="card")
        desk.sandbox.pay(attempt.page_url)
        desk.poll()
    every = list(PaymentIntent.objects.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as many:
        list(differences(every))

    assert len(every) == 4
    assert len(many) == len(one)
