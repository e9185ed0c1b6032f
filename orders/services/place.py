"""Placing orders, and giving them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core import audit, locks
from core.ids import make_public_id
from core.locks import Rank
from core.money import Money
from crm.services import rows, timeline
from orders import lines as new_lines
from orders import numbering, search_keys
from orders.errors import OrderHasMoney
from orders.models import Invoice, Order, OrderLine
from orders.services import stock
from orders.services.credit import credit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.models import Customer
    from crm.services.actors import Actor
    from orders.lines import NewLine


@transaction.atomic
def place_order(
    *,
    customer: Customer,
    lines: Sequence[NewLine],
    currency: str,
    actor: Actor,
    public_id: str | None = None,
) -> Order:
    """Write down what a customer asks for, with every sum worked out. Nothing is owed yet.

    The order of a merged customer goes to the one it became. Products that are counted are held
    for it. Raises LinesMissing, LineUnusable, CurrencyUnusable or OutOfStock.
    """
    priced = new_lines.price(lines, currency)
    customer = rows.locked(customer.pk)
    order = Order.objects.create(
        public_id=public_id or make_public_id("ord"),
        customer=customer,
        number=numbering.next_order_number(),
        currency=currency,
        total=priced.total,
    )
    OrderLine.objects.bulk_create(priced.rows(OrderLine, order=order))
    stock.hold(order, lines)
    _note(actor, "order.placed", order)
    search_keys.write_order(order)
    return order


@transaction.atomic
def cancel_order(*, order: Order, actor: Actor, reason: str = "") -> Order:
    """Give an order up, and credit what is still open on its invoice. Safe to repeat.

    Raises OrderHasMoney while anything that was paid for it is allocated: refund first.
    """
    order = locks.one(Rank.ORDER, Order.objects.filter(pk=order.pk))
    if order.status == Order.Status.CANCELED:
        return order
    invoices = locks.rows(Rank.INVOICE, Invoice.objects.filter(order=order))
    if paid := sum(invoice.allocated for invoice in invoices):
        raise OrderHasMoney(paid=Money(paid, order.currency), number=order.number)
    stock.release(order)
    for invoice in invoices:
        if invoice.open_amount:
            credit(invoice, invoice.open_money, actor=actor, reason=reason)
    order.status = Order.Status.CANCELED
    order.save(update_fields=["status"])
    _note(actor, "order.canceled", order, reason=reason)
    return order


def _note(actor: Actor, kind: str, order: Order, reason: str = "") -> None:
    """Write what happened where auditors and agents look for it."""
    data = {"number": order.number, "amount": order.total, "currency": order.currency}
    after = {"status": order.status, "total": order.total, "currency": order.currency}
    audit.record(actor, kind, order, after=after, reason=reason)
    timeline.write(order.customer_id, kind, actor=actor, object_id=order.public_id, data=data)
