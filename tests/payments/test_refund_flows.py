"""Refunds against the sandbox over real HTTP, on committed rows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from payments import errors
from payments.models import (
    PaymentIntent,
    ProviderOperation,
    Refund,
)
from payments.services import operations, reading
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    pass

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refund_goes_through(desk: Desk) -> None:
    capture = desk.paid()

    refund = desk.refund(capture, 4_000)
    operations.drain()

    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert [e["amount"] for e in desk.sandbox.effects(kind="refund")][-1] == 4_000
    desk.invoice.refresh_from_db()
    assert desk.invoice.open_amount == 4_000


@pytest.mark.parametrize("fault", ["error_after", "reset"])
def test_a_lost_answer_does_not_refund_twice(desk: Desk, fault: str) -> None:
    capture = desk.paid()
    refund = desk.refund(capture, 500)
    desk.sandbox.next_fault(fault, "refund")

    operations.drain()
    refund.refresh_from_db()
    assert refund.status == "unknown"
    with pytest.raises(errors.OutcomeStillUnknown):
        desk.refund(capture, 500)
    desk.resolve()

    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert len(desk.sandbox.effects(refund.public_id, "refund")) == 1
    assert Refund.objects.count() == 1


def test_a_refund_that_never_arrived_is_not_executed_only_once_that_is_certain(desk: Desk) -> None:
    capture = desk.paid()
    refund = desk.refund(capture, 500)
    desk.sandbox.next_fault("error_before", "refund")
    operations.drain()

    desk.resolve()
    refund.refresh_from_db()
    assert refund.status == "unknown"
    ProviderOperation.objects.update(last_sent_at=timezone.now() - timedelta(days=1))
    desk.resolve()

    refund.refresh_from_db()
    assert refund.status == "not_executed"
    assert desk.sandbox.effects(refund.public_id, "refund") == []


def test_refunds_never_exceed_what_was_captured(desk: Desk) -> None:
    capture = desk.paid()
    desk.refund(capture, 6_000)

    with pytest.raises(errors.RefundExceedsCapture):
        desk.refund(capture, 4_001)

    assert Refund.objects.count() == 1
    assert ProviderOperation.objects.filter(kind="refund").count() == 1


def test_a_refund_in_the_providers_own_dashboard_is_found(desk: Desk) -> None:
    capture = desk.paid()
    payment = desk.sandbox.payment(capture.attempt.public_id)

    desk.sandbox.dashboard_refund(payment["id"], 3_000)
    reading.read([capture.attempt])

    intent = PaymentIntent.objects.get()
    assert (intent.refunded, intent.needs_review) == (3_000, True)
    assert Refund.objects.get().origin == "provider"
