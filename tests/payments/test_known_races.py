"""Races that other payment systems have lost in public, run here at their sharpest.

`docs/dependability.md` names the thread that each test guards against.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.money import Money
from crm import tasks as crm_tasks
from crm.models import OutgoingMessage, TimelineEntry
from orders.models import Allocation, Invoice
from payments import tasks
from payments.models import (
    Capture,
    CheckoutSession,
    PaymentAttempt,
    PaymentIntent,
    Refund,
    WebhookEvent,
)
from payments.models.events import Source
from payments.providers.base import Snapshot
from payments.services import checkout, operations, webhooks
from payments.services.apply import apply_snapshot
from payments.services.intents import cancel_intent
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import (
    PaymentAttemptFactory,
    PaymentIntentFactory,
    paid_snapshot,
)
from tests.payments.taking import Desk, desk
from tests.payments.test_races import at_once
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


def errors_among(results: list[Any]) -> list[Any]:
    return [result for result in results if isinstance(result, Exception)]


def deliver(desk: Desk, delivery: dict[str, Any]) -> int:
    """Bring one delivery to the door, as the provider does."""
    answer = Client().post(
        reverse("payments:webhook", args=[desk.account.public_id]),
        delivery["body"],
        content_type="application/json",
        headers={"sandbox-signature": delivery["signature"]},
    )
    return int(answer.status_code)


def keep_deliveries(desk: Desk, attempt: PaymentAttempt) -> None:
    for delivery in desk.sandbox.deliveries(desk.sandbox.payment(attempt.public_id)["id"]):
        assert deliver(desk, delivery) == 200


def test_choosing_again_while_the_money_comes_opens_no_second_payment(desk: Desk) -> None:
    session = desk.link(desk.intent())
    attempt = checkout.choose_method(session_id=session.pk, method="card")
    desk.sandbox.pay(attempt.page_url)
    keep_deliveries(desk, attempt)
    PaymentAttempt.objects.update(poll_at=timezone.now())
    choose = partial(checkout.choose_method, session_id=session.pk, method="card")

    at_once([choose, webhooks.drain, desk.poll] * 4)
    webhooks.drain()

    assert PaymentAttempt.objects.get() == attempt
    assert len(desk.sandbox.effects(attempt.public_id, "capture")) == 1
    assert PaymentIntent.objects.get().captured == 10_000


def test_twenty_who_choose_at_once_open_one_page(desk: Desk) -> None:
    session = desk.link(desk.intent())
    choose = partial(checkout.choose_method, session_id=session.pk, method="card")

    at_once([choose] * 20)

    attempt = PaymentAttempt.objects.get()
    assert attempt.status == "pending"
    assert len(desk.sandbox.payments(attempt.public_id)) == 1
    assert choose() == attempt


def test_cancelling_while_the_customer_chooses_leaves_no_page_that_can_be_paid(desk: Desk) -> None:
    intent = desk.intent()
    session = desk.link(intent)

    at_once(
        [
            partial(cancel_intent, intent_id=intent.pk, actor=desk.agent),
            partial(checkout.choose_method, session_id=session.pk, method="card"),
        ]
    )
    operations.drain()
    desk.poll()

    intent.refresh_from_db()
    assert intent.status == "canceled"
    assert not CheckoutSession.objects.filter(status__in=["open", "closing"]).exists()
    for attempt in PaymentAttempt.objects.all():
        assert attempt.status in {"canceled", "expired", "not_executed"}
        for payment in desk.sandbox.payments(attempt.public_id):
            assert payment["status"] in {"canceled", "expired"}


def test_one_delivery_in_twelve_hands_is_kept_once_and_answered_well(desk: Desk) -> None:
    session = desk.link(desk.intent())
    attempt = checkout.choose_method(session_id=session.pk, method="card")
    desk.sandbox.pay(attempt.page_url)
    delivery = desk.sandbox.deliveries(desk.sandbox.payment(attempt.public_id)["id"])[-1]

    answers = at_once([partial(deliver, desk, delivery)] * 12)
    drains = at_once([webhooks.drain] * 4)

    assert answers == [200] * 12
    assert errors_among(drains) == []
    assert WebhookEvent.objects.get().state == "done"
    assert Capture.objects.count() == 1


def pay_in_parts(amount: int, invoices: list[Invoice]) -> list[Callable[[], str]]:
    """Make a payment of the invoices in their order; each act tells more of it."""
    intent = PaymentIntentFactory.create(customer=invoices[0].customer, amount=amount)
    for invoice in invoices:
        intent.items.create(invoice=invoice, amount=amount // len(invoices))
    attempt = PaymentAttemptFactory.create(session__intent=intent, intent=intent)
    whole = paid_snapshot(attempt)
    only_authorised = Snapshot(attempt=whole.attempt)
    return [
        partial(apply_snapshot, account=attempt.account, snapshot=snapshot, source=source)
        for snapshot, source in (
            (only_authorised, Source.API),
            (whole, Source.WEBHOOK),
            (whole, Source.POLL),
        )
    ]


def test_many_payments_of_the_same_five_invoices_never_deadlock_and_none_is_lost() -> None:
    customer = CustomerFactory.create()
    invoices = InvoiceFactory.create_batch(5, customer=customer, total=10_000)
    turned = [invoices[n:] + invoices[:n] for n in range(5)]
    orders = [*turned, *(list(reversed(order)) for order in turned)]
    acts = [act for order in orders for act in pay_in_parts(5_000, order)]

    results = at_once(acts)

    assert errors_among(results) == []
    assert [invoice.open_amount for invoice in Invoice.objects.all()] == [0] * 5
    assert PaymentIntent.objects.filter(status="succeeded").count() == 10
    assert sum(Allocation.objects.values_list("amount", flat=True)) == 50_000


def test_two_payments_of_one_invoice_at_once_pay_it_once() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    first, second = (pay_in_parts(10_000, [invoice])[1] for _ in range(2))

    results = at_once([first, second])

    invoice.refresh_from_db()
    assert errors_among(results) == []
    assert (invoice.allocated, invoice.open_amount) == (10_000, 0)
    assert sorted(PaymentIntent.objects.values_list("surplus", flat=True)) == [0, 10_000]


def test_news_from_everywhere_at_once_send_one_receipt() -> None:
    customer = CustomerFactory.create(email="aino@example.fi")
    invoice = InvoiceFactory.create(customer=customer, total=10_000)
    acts = pay_in_parts(10_000, [invoice])

    results = at_once(acts * 4)

    assert errors_among(results) == []
    assert OutgoingMessage.objects.filter(kind="receipt").count() == 1
    assert TimelineEntry.objects.filter(kind="payment_succeeded").count() == 1
    assert Allocation.objects.count() == 1


def test_every_task_twice_at_once_does_each_thing_once(desk: Desk) -> None:
    capture = desk.paid()
    OutgoingMessage.objects.all().delete()
    refund = desk.refund(capture, 2_500)
    keep_deliveries(desk, capture.attempt)
    PaymentAttempt.objects.update(poll_at=timezone.now())
    every_task = [
        tasks.drain_webhooks,
        tasks.drain_operations,
        tasks.drain_attempts,
        tasks.drain_postings,
        tasks.sweep_leftovers,
        crm_tasks.drain_messages,
    ]

    results = at_once(every_task * 2)
    webhooks.drain()

    assert errors_among(results) == []
    assert Refund.objects.get().status == "succeeded"
    assert len(desk.sandbox.effects(refund.public_id, "refund")) == 1
    assert Capture.objects.get().captured == 10_000
    assert Money(PaymentIntent.objects.get().refunded, "EUR") == refund.money
    assert not WebhookEvent.objects.exclude(state="done").exists()
