"""Giving back pieces of an invoice's lines: the amount is theirs, and so is the credit note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, Sum

from core import policy
from core.money import Money
from orders.models import InvoiceLine
from orders.services.credit_lines import gross_of, parts_of
from payments import errors
from payments.models import Capture, Refund, RefundLine
from payments.services.payment import Payment, in_one_transaction, lock_payment
from payments.services.refunds import one_at_a_time, request_refund

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.models import ApiKey, User
    from orders.models import Invoice

HELD = ~Q(refund__status__in=Refund.RELEASED) | Q(credit_note__isnull=False)
"""Lines that are given back, on their way, or credited: not to be given back again."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Lines of one invoice, and how many pieces of each."""

    invoice: Invoice
    pieces: list[tuple[InvoiceLine, int]]

    @property
    def money(self) -> Money:
        return Money(gross_of(self.pieces), self.invoice.currency)

    @property
    def tax(self) -> Money:
        """The tax inside, to the cent, as the credit note will have it."""
        parts = parts_of(self.invoice, self.pieces)
        return Money(sum(part.vat for part in parts), self.invoice.currency)


@in_one_transaction
def refund_lines(
    *,
    capture_id: int,
    lines: Mapping[int, int],
    reason: str,
    requested_by: User | ApiKey,
    public_id: str = "",
) -> Refund:
    """Reserve a refund of pieces of lines (line's pk to pieces), with the credit note they get.

    Never a piece twice, and never more than the capture pays of the invoice. Raises LinesMissing,
    LinesOfSeveralInvoices, LineAlreadyGivenBack, LinesNotPaid, CreditExceedsOpen, and what
    `request_refund` raises: the same limits hold, and the same second person.
    """
    one_at_a_time(policy.person_of(requested_by))
    intent_id = Capture.objects.values_list("attempt__intent_id", flat=True).get(pk=capture_id)
    # The locks of payment and invoice make two who give back the same line wait for each other.
    payment = lock_payment(intent_id)
    chosen = choose(payment, payment.capture_by_id(capture_id), lines)
    refund = request_refund(
        capture_id=capture_id,
        amount=chosen.money,
        reason=reason,
        requested_by=requested_by,
        wants_credit_note=True,
        public_id=public_id,
    )
    refund.invoice = chosen.invoice
    refund.save(update_fields=["invoice"])
    for line, quantity in chosen.pieces:
        RefundLine.objects.create(refund=refund, line=line, quantity=quantity)
    return refund


def choose(payment: Payment, capture: Capture, lines: Mapping[int, int]) -> Chosen:
    """Read the lines and check them against what the capture pays. Raises as `refund_lines`."""
    wanted = {pk: quantity for pk, quantity in lines.items() if quantity > 0}
    if not wanted:
        raise errors.LinesMissing
    found = list(InvoiceLine.objects.filter(pk__in=wanted).order_by("position"))
    paid = payment.allocated.get(capture.public_id, {})
    invoices = {line.invoice_id for line in found}
    if len(found) != len(wanted) or len(invoices) != 1 or not invoices <= set(paid):
        raise errors.LinesOfSeveralInvoices
    (invoice_id,) = invoices
    left = pieces_left(found)
    for line in found:
        if wanted[line.pk] > left[line.pk]:
            raise errors.LineAlreadyGivenBack(line=line.description, left=left[line.pk])
    invoice = payment.invoices[invoice_id]
    chosen = Chosen(invoice, [(line, wanted[line.pk]) for line in found])
    payable = Money(max(0, paid[invoice_id] - _on_its_way(capture, invoice_id)), invoice.currency)
    if chosen.money > payable:
        raise errors.LinesNotPaid(left=payable)
    parts_of(invoice, [*chosen.pieces, *_pieces_on_their_way(invoice_id)])
    return chosen


def pieces_left(lines: Iterable[InvoiceLine]) -> dict[int, int]:
    """How many pieces of each line (by pk) can still be given back."""
    own = list(lines)
    held = RefundLine.objects.filter(HELD, line__in=own).order_by().values_list("line")
    gone = dict(held.annotate(sum=Sum("quantity")))
    return {line.pk: line.quantity - gone.get(line.pk, 0) for line in own}


def _on_its_way(capture: Capture, invoice_id: int) -> int:
    """What refunds by line of this capture will take off the invoice (minor units)."""
    open_ones = capture.refunds.filter(invoice=invoice_id).exclude(
        status__in=[*Refund.RELEASED, Refund.Status.SUCCEEDED]
    )
    return open_ones.aggregate(sum=Sum("amount"))["sum"] or 0


def _pieces_on_their_way(invoice_id: int) -> list[tuple[InvoiceLine, int]]:
    """Pieces that are to be credited once their refund succeeded."""
    rows = RefundLine.objects.filter(
        ~Q(refund__status__in=Refund.RELEASED), credit_note=None, line__invoice=invoice_id
    )
    return [(one.line, one.quantity) for one in rows.select_related("line")]


def lines_of(paid: Mapping[int, int]) -> list[InvoiceLine]:
    """The lines of the invoices that a capture pays (by pk), each with what is `left` of it."""
    rows = InvoiceLine.objects.filter(invoice__in=list(paid)).select_related("invoice")
    lines = list(rows.order_by("invoice", "position"))
    left = pieces_left(lines)
    for line in lines:
        line.left = left[line.pk]  # type: ignore[attr-defined]
    return lines
