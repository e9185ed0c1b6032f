"""What follows when a refund by line succeeded: its money leaves the invoice, credited by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.money import Money
from orders.errors import CreditExceedsOpen
from orders.services.allocate import take_off
from orders.services.credit_lines import credit_lines as credit
from orders.services.credit_lines import gross_of
from payments.models import Refund, RefundLine
from payments.services import noting

if TYPE_CHECKING:
    from payments.services.payment import Payment


def credit_lines(payment: Payment) -> None:
    """Take what refunds by line gave back off their invoice, and credit the lines, once.

    Facts are never refused: where the invoice cannot take the credit any more, because it was
    credited another way meanwhile, no note is written and the invoice is open by the amount.
    """
    for refund in payment.refunds:
        if refund.invoice_id in payment.invoices and refund.status == Refund.Status.SUCCEEDED:
            rows = RefundLine.objects.filter(refund=refund).select_related("line")
            lines = list(rows.order_by("line__position"))
            if lines and lines[0].credit_note_id is None:
                _credit(payment, refund, lines)


def _credit(payment: Payment, refund: Refund, lines: list[RefundLine]) -> None:
    assert refund.invoice_id is not None  # noqa: S101 - for the type checker
    _take_off(payment, refund, refund.invoice_id)
    pieces = [(one.line, one.quantity) for one in lines]
    invoice = payment.invoices[refund.invoice_id]
    if Money(gross_of(pieces), refund.currency) > invoice.open_money:
        return
    try:
        note = credit(invoice=invoice, pieces=pieces, actor="payments", reason=refund.reason)
    except CreditExceedsOpen:
        return
    RefundLine.objects.filter(refund=refund).update(credit_note=note)


def _take_off(payment: Payment, refund: Refund, invoice_id: int) -> None:
    """Free the refund's money from the invoice of its lines, before any other money is free."""
    capture = payment.capture_by_id(refund.capture_id)
    before = payment.allocated.get(capture.public_id, {})
    part = min(refund.amount, before.get(invoice_id, 0))
    if part > 0:
        taken = take_off(
            invoice=payment.invoices[invoice_id],
            amount=Money(part, refund.currency),
            source_id=capture.public_id,
            cause=f"{refund.public_id}:lines",
        )
        noting.note(payment, capture, before, taken)
