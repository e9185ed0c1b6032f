"""Until when an order may still be paid: so long it keeps the stock that it holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Prefetch
from django.utils import timezone

from payments.models import CheckoutSession, IntentItem, PaymentIntent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

UNDER_WAY = timedelta(minutes=15)
"""What a provider works at has no time of its own: one asks again after so long."""
PREPAID = timedelta(days=1)
"""An order that is paid in part keeps its stock; one asks again the next day."""


def payable_until(orders: Sequence[int]) -> dict[int, datetime]:
    """Of some orders (by pk) those that may still be paid, and until when.

    That is the last instant of their open links, of payments under way, of money that they have.
    """
    now = timezone.now()
    until: dict[int, datetime] = {}
    for order, intent in _asked_for(orders):
        instants = [session.expires_at for session in intent.payable_sessions]  # type: ignore[attr-defined]
        if intent.status in PaymentIntent.IN_MOTION:
            instants.append(now + UNDER_WAY)
        if intent.captured > intent.refunded:
            instants.append(now + PREPAID)
        if instants:
            until[order] = max([*instants, until.get(order, now)])
    return until


def _asked_for(orders: Sequence[int]) -> Iterator[tuple[int, PaymentIntent]]:
    """The payments that are meant for some orders, or for their invoices, with what is open."""
    sessions = CheckoutSession.objects.filter(status__in=CheckoutSession.PAYABLE)
    payments = PaymentIntent.objects.prefetch_related(
        Prefetch("sessions", sessions, to_attr="payable_sessions")
    )
    for intent in payments.filter(order__in=orders):
        if intent.order_id is not None:
            yield intent.order_id, intent
    meant = IntentItem.objects.filter(invoice__order__in=orders)
    items = meant.annotate(order_pk=F("invoice__order")).prefetch_related(
        Prefetch("intent", payments)
    )
    for item in items:
        yield item.order_pk, item.intent
