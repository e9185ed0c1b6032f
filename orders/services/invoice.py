"""Asking for money: with an order behind it, or without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from core import audit, bell, locks
from core.ids import make_public_id
from core.jobs import business_date
from core.locks import Rank
from crm.services import rows, timeline
from orders import lines as new_lines
from orders import numbering, search_keys
from orders.errors import DueDateTooEarly, NothingToInvoice, OrderNotOpen
from orders.lines import NewLine
from orders.models import Invoice, InvoiceLine, InvoicePart, Order
from orders.reference_numbers import finnish_reference, rf_reference

if TYPE_CHECKING:
    import datetime as dt

    from crm.models import Customer
    from crm.services.actors import Actor
    from orders.lines import Draft, Priced


@transaction.atomic
def issue_invoice(
    *,
    order: Order,
    due_on: dt.date,
    actor: Actor,
    description: str = "",
    public_id: str | None = None,
) -> Invoice:
    """Ask for the money of an open order, which is closed by that.

    Raises OrderNotOpen, NothingToInvoice or DueDateTooEarly.
    """
    customer = rows.locked(order.customer_id)
    order = locks.one(Rank.ORDER, Order.objects.filter(pk=order.pk))
    if order.status != Order.Status.OPEN:
        raise OrderNotOpen(number=order.number)
    priced = new_lines.price([NewLine.copy(line) for line in order.lines.all()], order.currency)
    order.status = Order.Status.CLOSED
    order.save(update_fields=["status"])
    described = {"description": description, "public_id": public_id}
    return _issue(priced, due_on, actor, customer=customer, order=order, **described)


@transaction.atomic
def issue_invoice_without_order(
    *,
    customer: Customer,
    draft: Draft,
    due_on: dt.date,
    actor: Actor,
    public_id: str | None = None,
) -> Invoice:
    """Ask a customer for money that no order stands behind: a fee, a repair, an old debt.

    Raises what `issue_invoice` raises, and what is wrong with the lines.
    """
    priced = new_lines.price(draft.lines, draft.currency)
    customer = rows.locked(customer.pk)
    described = {"description": draft.description, "public_id": public_id}
    return _issue(priced, due_on, actor, customer=customer, **described)


def _issue(
    priced: Priced,
    due_on: dt.date,
    actor: Actor,
    *,
    public_id: str | None,
    **fields: Any,
) -> Invoice:
    today = business_date()
    if not priced.total:
        raise NothingToInvoice
    if due_on < today:
        raise DueDateTooEarly
    number = str(numbering.next_number(numbering.INVOICES))
    reference = finnish_reference(number)
    invoice = Invoice.objects.create(
        public_id=public_id or make_public_id("inv"),
        number=number,
        reference=reference,
        rf_reference=rf_reference(reference),
        currency=priced.currency,
        issued_on=today,
        due_on=due_on,
        total=priced.total,
        **fields,
    )
    InvoiceLine.objects.bulk_create(priced.rows(InvoiceLine, invoice=invoice))
    InvoicePart.objects.bulk_create(
        InvoicePart(invoice=invoice, vat_bp=part.vat_bp, net=part.net, vat=part.vat)
        for part in priced.parts
    )
    _note(invoice, actor)
    return invoice


def _note(invoice: Invoice, actor: Actor) -> None:
    """Write the invoice where it is looked for, and ask for its ledger transfers."""
    data = {"number": invoice.number, "amount": invoice.total, "currency": invoice.currency}
    audit.record(actor, "invoice.issued", invoice, after=data)
    timeline.write(
        invoice.customer_id, "invoice.issued", actor=actor, object_id=invoice.public_id, data=data
    )
    search_keys.write_invoice(invoice)
    bell.ring_on_commit("postings")
