"""When the state of an attempt is read next. A lost webhook costs seconds, not a payment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from payments import lifecycle
from payments.models import PaymentAttempt, Refund

if TYPE_CHECKING:
    from payments.services.payment import Payment

WHILE_WATCHED = timedelta(seconds=10)
WATCHED_FOR = timedelta(minutes=10)
LATER = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
)
UNDER_WAY = (PaymentAttempt.Status.PENDING, PaymentAttempt.Status.UNKNOWN)


def next_poll_after(polls: int, age: timedelta) -> timedelta:
    """Return the wait before the next read: short while people watch, then longer."""
    if age < WATCHED_FOR:
        return WHILE_WATCHED
    watched = int(WATCHED_FOR / WHILE_WATCHED)
    return LATER[min(max(0, polls - watched), len(LATER) - 1)]


def reschedule(payment: Payment, attempt: PaymentAttempt) -> None:
    """Set the attempt's next read, or none once nothing more can come of it."""
    wanted = None
    if _may_still_change(payment, attempt):
        now = timezone.now()
        wanted = now + next_poll_after(attempt.polls, now - attempt.created_at)
    payment.change(
        attempt, poll_at=wanted, polls=attempt.polls + 1, lease_token=None, lease_until=None
    )


def _may_still_change(payment: Payment, attempt: PaymentAttempt) -> bool:
    if attempt.status in UNDER_WAY:
        return True
    if not attempt.captured or lifecycle.REFUND not in payment.joined_kinds:
        return False
    return any(
        refund.status in {Refund.Status.PENDING, Refund.Status.UNKNOWN}
        for refund in payment.refunds
    )
