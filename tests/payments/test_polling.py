"""When an attempt is read next, where no webhook tells of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from payments.models import PaymentAttempt
from payments.services import checkout, operations, reading
from payments.services.polling import LONGEST, SHORTEST, next_poll_after
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

__all__ = ["desk", "sandbox", "sandbox_process"]

SLOW_REFUND = "4000000000007726"


def test_a_page_that_nobody_pays_is_read_ever_more_seldom() -> None:
    waited, reads = timedelta(), 0

    while waited < timedelta(minutes=10):
        waited += next_poll_after(waited)
        reads += 1

    assert next_poll_after(timedelta()) == SHORTEST
    assert reads <= 15
    assert next_poll_after(timedelta(days=30)) == LONGEST


@pytest.mark.django_db(transaction=True)
def test_a_refund_of_an_old_payment_is_looked_for_at_once(desk: Desk) -> None:
    session = desk.link(desk.intent())
    attempt = checkout.choose_method(session_id=session.pk, method="card")
    desk.sandbox.pay(attempt.page_url, card=SLOW_REFUND)
    desk.poll()
    long_ago = timezone.now() - timedelta(days=90)
    PaymentAttempt.objects.update(created_at=long_ago)

    refund = desk.refund(attempt.captures.get(), 500)
    operations.drain()

    refund.refresh_from_db()
    attempt.refresh_from_db()
    assert refund.status == "pending"
    assert attempt.poll_at is not None
    assert attempt.poll_at - timezone.now() <= SHORTEST


@pytest.mark.django_db(transaction=True)
def test_a_refund_of_an_old_payment_is_looked_for_again_where_the_provider_is_down(
    desk: Desk,
) -> None:
    session = desk.link(desk.intent())
    attempt = checkout.choose_method(session_id=session.pk, method="card")
    desk.sandbox.pay(attempt.page_url, card=SLOW_REFUND)
    desk.poll()
    PaymentAttempt.objects.update(created_at=timezone.now() - timedelta(days=90))
    desk.refund(attempt.captures.get(), 500)
    operations.drain()
    desk.sandbox.next_fault("error_before", "read")
    PaymentAttempt.objects.update(poll_at=timezone.now())

    reading.drain()

    attempt.refresh_from_db()
    assert attempt.poll_at is not None
    assert timedelta() < attempt.poll_at - timezone.now() <= SHORTEST
