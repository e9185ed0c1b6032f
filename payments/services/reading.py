"""Reading the state of attempts whose time for it has come, webhook or not."""

from __future__ import annotations

import logging

from django.db.models import F, Max
from django.utils import timezone

from core import bell, leases, rows
from payments.models import CheckoutSession, PaymentAttempt, ProviderAccount, Refund
from payments.models.events import Source
from payments.providers.base import Snapshot
from payments.services import keypad_requests, requests
from payments.services.apply import apply_snapshot
from payments.services.polling import next_poll_after
from payments.services.talking import read_all

logger = logging.getLogger(__name__)

BATCH = 50
LEASE_S = 60
WAITING = "poll_at IS NOT NULL AND poll_at <= now()"


def ask_soon(attempt_id: int) -> None:
    """Have an attempt read at once: its customer came back, or a person asked."""
    PaymentAttempt.objects.filter(pk=attempt_id, poll_at__isnull=False).update(
        poll_at=timezone.now()
    )
    bell.ring_on_commit("attempts")


def claim(*, limit: int = BATCH) -> list[PaymentAttempt]:
    """Take attempts that are due to be read, one reader each for the length of a lease."""
    found = leases.claim_rows(PaymentAttempt, WAITING, limit=limit, seconds=LEASE_S)
    rows.follow(found, "account", ProviderAccount)
    keypad_requests.follow(rows.follow(found, "session", CheckoutSession))
    return found


def drain() -> int:
    """Read what is due and apply the answers. Safe to run twice, at once, or late."""
    done = 0
    for batch in bell.answer("attempts", claim):
        read(batch)
        done += len(batch)
    return done


def read(batch: list[PaymentAttempt]) -> None:
    """Read claimed attempts; each answer is applied as it comes."""
    asked = [(attempt.account, requests.reader_of(attempt)) for attempt in batch]
    for place, answer in read_all(asked):
        attempt = batch[place]
        try:
            if isinstance(answer, Snapshot):
                apply_snapshot(account=attempt.account, snapshot=answer, source=Source.POLL)
            else:
                _later(attempt)
        except Exception:  # One bad payment must not stop the others of the batch.
            logger.exception("an answer could not be applied")
            _later(attempt)


def _later(attempt: PaymentAttempt) -> None:
    """Ask again after the next wait. An absent page that was never opened ends by its expiry."""
    now = timezone.now()
    refunds = Refund.objects.filter(capture__attempt=attempt)
    asked_at = refunds.aggregate(at=Max("created_at"))["at"] or attempt.created_at
    PaymentAttempt.objects.filter(pk=attempt.pk).update(
        poll_at=now + next_poll_after(now - max(asked_at, attempt.created_at)),
        polls=F("polls") + 1,
        lease_token=None,
        lease_until=None,
    )
