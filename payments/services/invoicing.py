"""Posting invoices and credit notes. `orders` issues them; the ledger lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core import bell, locks
from orders.models import CreditNote, Invoice
from payments.postings import invoice_lines
from payments.services.ledger import settle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payments.postings import Line

BATCH = 200


def drain() -> int:
    """Post every invoice and credit note that is not in the ledger yet. Safe to repeat."""
    return sum(bell.answer("postings", lambda: _post_invoices() + _post_credit_notes()))


@transaction.atomic
def _post_invoices() -> int:
    waiting = Invoice.objects.filter(is_posted=False).values_list("pk", flat=True)[:BATCH]
    rows = locks.rows(locks.Rank.INVOICE, Invoice.objects.filter(pk__in=list(waiting)))
    fresh = [row for row in rows if not row.is_posted]
    settle((line for row in fresh for line in lines_of_invoice(row)), version=1)
    Invoice.objects.filter(pk__in=[row.pk for row in fresh]).update(is_posted=True)
    return len(fresh)


@transaction.atomic
def _post_credit_notes() -> int:
    waiting = list(CreditNote.objects.filter(is_posted=False).select_related("invoice")[:BATCH])
    ids = {note.invoice_id for note in waiting}
    if ids:
        locks.rows(locks.Rank.INVOICE, Invoice.objects.filter(pk__in=ids))
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
