"""When the state of an attempt is read next. A lost webhook costs seconds, not a payment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from payments import lifecycle
from payments.models import PaymentAttempt, Refund

if TYPE_CHECKING:
    from datetime import datetime

    from payments.services.payment import Payment

SHORTEST = timedelta(seconds=10)
LONGEST = timedelta(days=1)
PART_OF_THE_WAIT = 3
UNDER_WAY = (PaymentAttempt.Status.PENDING, PaymentAttempt.Status.UNKNOWN)


def next_poll_after(waited: timedelta) -> timedelta:
    """Return the wait before the next read: the longer nothing came, the longer it is.

    Most pages that are not paid soon are never paid, so they must cost little.
    """
    return min(max(SHORTEST, waited / PART_OF_THE_WAIT), LONGEST)


def reschedule(payment: Payment, attempt: PaymentAttempt) -> None:
    """Set the attempt's next read, or none once nothing more can come of it."""
    now = timezone.now()
    since = _waits_since(payment, attempt)
    wanted = None if since is None else now + next_poll_after(now - since)
    payment.change(
        attempt, poll_at=wanted, polls=attempt.polls + 1, lease_token=None, lease_until=None
    )


def _waits_since(payment: Payment, attempt: PaymentAttempt) -> datetime | None:
    """Since when news is waited for: of the attempt itself, else of its youngest refund."""
    if attempt.status in UNDER_WAY:
        return attempt.created_at
    if not attempt.captured or lifecycle.REFUND not in payment.joined_kinds:
        return None
    open_refunds = (
        refund.created_at
        for refund in payment.refunds
        if refund.status in {Refund.Status.PENDING, Refund.Status.UNKNOWN}
    )
    return max(open_refunds, default=None)
