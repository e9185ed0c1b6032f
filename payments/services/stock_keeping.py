"""How an order may still be paid, by its links and payments: so long it keeps its stock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, Sum

from orders.models import Order
from orders.services.stock import Prospect
from payments.models import CheckoutSession, PaymentIntent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

ORDERS = ("order", "items__invoice__order")
"""The ways from a payment to the order that it is meant for: its own, or that of an invoice."""


def prospects_of(orders: Collection[int]) -> Iterator[tuple[int, Prospect]]:
    """Tell which of some orders (by pk) have a way to pay that is open, until when, or money.

    Money of an invoice is told by the invoice; here it is what prepays an order.
    """
    for way in ORDERS:
        meant = {f"{way}__in": orders}
        yield from _open_ways(way, meant)
        under_way = PaymentIntent.objects.filter(**meant, status__in=PaymentIntent.IN_MOTION)
        for order in under_way.values_list(way, flat=True):
            yield order, Prospect(is_open_ended=True)
    yield from _prepaid(orders)


def _open_ways(way: str, meant: dict[str, Collection[int]]) -> Iterator[tuple[int, Prospect]]:
    sessions = CheckoutSession.objects.filter(
        status__in=CheckoutSession.PAYABLE, **{f"intent__{name}": of for name, of in meant.items()}
    )
    for order, expires_at in sessions.values_list(f"intent__{way}", "expires_at"):
        yield order, Prospect(until=expires_at)


def _prepaid(orders: Collection[int]) -> Iterator[tuple[int, Prospect]]:
    """Orders with money of their own, and whether it is all of their total."""
    money = Order.objects.filter(pk__in=orders, payment_intents__currency=F("currency"))
    paid = money.annotate(paid=Sum(F("payment_intents__captured") - F("payment_intents__refunded")))
    for order, total, amount in paid.filter(paid__gt=0).values_list("pk", "total", "paid"):
        yield order, Prospect(is_open_ended=True, is_paid=amount >= total)
