"""Taking back what an invoice asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Sum

from core import audit, bell, locks
from core.ids import make_public_id
from core.jobs import business_date
from core.locks import Rank
from crm.services import timeline
from orders import numbering, vat
from orders.errors import AmountUnusable, CreditExceedsOpen
from orders.models import CreditNote, CreditNotePart, Invoice

if TYPE_CHECKING:
    from core.money import Money
    from crm.services.actors import Actor


@transaction.atomic
def issue_credit_note(
    *,
    invoice: Invoice,
    amount: Money,
    actor: Actor,
    reason: str = "",
    public_id: str | None = None,
) -> CreditNote:
    """Take back a part of what an invoice asks for. Allocated money must be taken off first.

    Raises CreditExceedsOpen when less is open, and AmountUnusable.
    """
    invoice = locks.one(Rank.INVOICE, Invoice.objects.filter(pk=invoice.pk))
    return credit(invoice, amount, actor=actor, reason=reason, public_id=public_id)


def credit(
    invoice: Invoice,
    amount: Money,
    *,
    actor: Actor,
    reason: str = "",
    public_id: str | None = None,
    parts: list[vat.Part] | None = None,
) -> CreditNote:
    """Do what `issue_credit_note` promises to an invoice that the caller has locked.

    `parts` say how it falls on the tax rates, where that is known; they come to `amount`.
    """
    if amount.currency != invoice.currency or amount.minor <= 0:
        raise AmountUnusable(currency=invoice.currency)
    if amount > invoice.open_money:
        raise CreditExceedsOpen(left=invoice.open_money, number=invoice.number)
    parts = parts or _parts(invoice, amount.minor)
    Invoice.objects.filter(pk=invoice.pk).update(credited=F("credited") + amount.minor)
    invoice.refresh_from_db(fields=["credited", "open_amount"])
    note = CreditNote.objects.create(
        public_id=public_id or make_public_id("cn"),
        invoice=invoice,
        number=f"C{numbering.next_number(numbering.CREDIT_NOTES)}",
        amount=amount.minor,
        issued_on=business_date(),
        reason=reason,
    )
    CreditNotePart.objects.bulk_create(
        CreditNotePart(credit_note=note, vat_bp=part.vat_bp, net=part.net, vat=part.vat)
        for part in parts
    )
    _note(note, actor)
    return note


def _parts(invoice: Invoice, amount: int) -> list[vat.Part]:
    """How the credit falls on the tax rates, after the credits before it."""
    invoiced, credited = credited_so_far(invoice)
    return vat.credit_parts(invoiced, credited, amount)


def credited_so_far(invoice: Invoice) -> tuple[list[vat.Part], list[int]]:
    """Return the parts of an invoice, and the gross that was credited of each (minor units)."""
    earlier = CreditNotePart.objects.filter(credit_note__invoice=invoice).order_by()
    by_rate = dict(
        earlier.values("vat_bp").annotate(sum=Sum(F("net") + F("vat"))).values_list("vat_bp", "sum")
    )
    invoiced = [
        vat.Part(vat_bp=part.vat_bp, net=part.net, vat=part.vat) for part in invoice.parts.all()
    ]
    return invoiced, [by_rate.get(part.vat_bp, 0) for part in invoiced]


def _note(note: CreditNote, actor: Actor) -> None:
    """Write the credit where it is looked for, and ask for its ledger transfers."""
    data = {
        "number": note.number,
        "invoice": note.invoice.number,
        "amount": note.amount,
        "currency": note.invoice.currency,
    }
    audit.record(actor, "credit_note.issued", note, after=data, reason=note.reason)
    timeline.write(
        note.invoice.customer_id,
        "credit_note.issued",
        actor=actor,
        object_id=note.public_id,
        data=data,
    )
    bell.ring_on_commit("postings")
