"""Card testing meets a limit: five declines in ten minutes rest a link, and a client's address."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from payments import errors
from payments.models import PaymentAttempt, PaymentEvent

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from payments.models import CheckoutSession

ALLOWED = 5
WINDOW = timedelta(minutes=10)


def rests_until(session: CheckoutSession, client: str = "") -> datetime | None:
    """Return until when nothing can be paid by a link or from an address, or None.

    `client` is `checkout.client_digest` of the address; without it only the link counts.
    """
    recent = PaymentEvent.objects.filter(
        subject_kind="decline", created_at__gte=timezone.now() - WINDOW
    )
    ends = [_end(recent.filter(intent=session.intent_id, detail__session=session.pk))]
    if client:
        ends.append(_end(_from_address(recent, client)))
    return max((end for end in ends if end), default=None)


def refuse_resting(session: CheckoutSession, client: str) -> None:
    """Raise TooManyDeclines, which says until when, while the link or the address rests."""
    until = rests_until(session, client)
    if until is not None:
        raise errors.TooManyDeclines(until=until)


def _from_address(recent: QuerySet[PaymentEvent], client: str) -> QuerySet[PaymentEvent]:
    since = timezone.now() - WINDOW
    attempts = PaymentAttempt.objects.filter(client_digest=client, created_at__gte=since)
    ids = attempts.values_list("public_id", flat=True)
    return recent.filter(intent__in=attempts.values_list("intent_id"), subject_id__in=ids)


def _end(declines: QuerySet[PaymentEvent]) -> datetime | None:
    """When the fifth newest of them leaves the window, where there are that many."""
    newest = declines.order_by("-created_at").values_list("created_at", flat=True)[:ALLOWED]
    return min(newest) + WINDOW if len(newest) == ALLOWED else None
