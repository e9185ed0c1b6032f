"""Posting invoices and credit notes. `orders` issues them; the ledger lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core import bell, locks, rows
from orders.models import CreditNote, Invoice
from payments.postings import invoice_lines
from payments.services.ledger import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payments.postings import Line

BATCH = 200
UNPOSTED = "NOT is_posted"
SOME_UNPOSTED = f"WHERE {UNPOSTED} LIMIT %s"
UNPOSTED_INVOICES = f"SELECT id FROM orders_invoice {SOME_UNPOSTED}"  # noqa: S608 - both are ours


def drain() -> int:
    """Post every invoice and credit note that is not in the ledger yet. Safe to repeat."""
    return sum(bell.answer("postings", lambda: _post_invoices() + _post_credit_notes()))


@transaction.atomic
def _post_invoices() -> int:
    waiting = rows.select(UNPOSTED_INVOICES, [BATCH])
    if not waiting:
        return 0
    held = locks.by_pk(locks.Rank.INVOICE, Invoice, [pk for (pk,) in waiting])
    fresh = [invoice for invoice in held if not invoice.is_posted]
    settle((line for one in fresh for line in lines_of_invoice(one)), version=1)
    Invoice.objects.filter(pk__in=[one.pk for one in fresh]).update(is_posted=True)
    return len(fresh)


@transaction.atomic
def _post_credit_notes() -> int:
    waiting = rows.read(CreditNote, SOME_UNPOSTED, [BATCH])
    if not waiting:
        return 0
    rows.follow(waiting, "invoice", Invoice)
    locks.by_pk(locks.Rank.INVOICE, Invoice, sorted({note.invoice_id for note in waiting}))
    settle((line for note in waiting for line in lines_of_credit_note(note)), version=1)
    CreditNote.objects.filter(pk__in=[note.pk for note in waiting]).update(is_posted=True)
    return len(waiting)


def lines_of_invoice(invoice: Invoice) -> Iterator[Line]:
    """Yield what an invoice calls for: receivable against revenue and VAT, by rate."""
    parts = [(part.vat_bp, part.net, part.vat) for part in invoice.parts.all()]
    yield from invoice_lines(
        invoice.public_id, invoice.currency, invoice.customer_id, parts, sign=1
    )


def lines_of_credit_note(note: CreditNote) -> Iterator[Line]:
    """Yield what a credit note calls for: the same the other way round."""
    parts = [(part.vat_bp, part.net, part.vat) for part in note.parts.all()]
    invoice = note.invoice
    yield from invoice_lines(note.public_id, invoice.currency, invoice.customer_id, parts, sign=-1)
