"""Using taken money for the invoices it was meant to pay, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import rows
from core.money import Money
from orders.services.allocate import record_payment, take_back
from orders.services.credit import issue_credit_note
from payments.models import Capture, IntentItem, Refund
from payments.services import line_credits, noting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payments.services.payment import Payment


def allocate(payment: Payment, captured_before: Mapping[int, int]) -> None:
    """Allocate what was newly captured, and take back what refunds no longer leave.

    Money pays the intent's items in their order, each up to what is still open; the rest
    stays the customer's. A refund first uses free money and then the newest allocations.
    """
    # Number series come before promises in the lock order: what is taken back goes first.
    line_credits.credit_lines(payment)
    for capture in sorted(payment.captures, key=lambda one: _grown(one, captured_before) > 0):
        grown = _grown(capture, captured_before)
        if grown > 0 and capture.currency == payment.intent.currency:
            _pay_items(payment, capture, grown)
        excess = capture.allocated - max(0, capture.captured - capture.refunded)
        if excess > 0:
            _take_back(payment, capture, excess)


def _grown(capture: Capture, captured_before: Mapping[int, int]) -> int:
    return capture.captured - captured_before.get(capture.pk, 0)


def _pay_items(payment: Payment, capture: Capture, grown: int) -> None:
    before = payment.allocated.get(capture.public_id, {})
    wanted = _still_wanted(payment)
    free = min(grown, capture.captured - capture.refunded - capture.allocated)
    invoices: list[tuple[int, Money]] = []
    for invoice_id, amount in wanted:
        part = min(amount, free)
        if part > 0:
            invoices.append((invoice_id, Money(part, capture.currency)))
            free -= part
    if not invoices:
        return
    made = record_payment(
        invoices=invoices,
        source_id=capture.public_id,
        cause=f"{capture.public_id}:{payment.intent.version}",
        held=payment.invoices,
    )
    noting.note(payment, capture, before, made)


def _still_wanted(payment: Payment) -> list[tuple[int, int]]:
    """Return the intent's items with what they still lack (invoice pk, minor units)."""
    items = rows.read(IntentItem, "WHERE intent_id = %s ORDER BY id", [payment.intent.pk])
    paid: dict[int, int] = {}
    for per_invoice in payment.allocated.values():
        for invoice_id, amount in per_invoice.items():
            paid[invoice_id] = paid.get(invoice_id, 0) + amount
    return [(item.invoice_id, item.amount - paid.get(item.invoice_id, 0)) for item in items]


def _take_back(payment: Payment, capture: Capture, excess: int) -> None:
    before = payment.allocated.get(capture.public_id, {})
    taken = take_back(
        source_id=capture.public_id,
        amount=Money(excess, capture.currency),
        cause=f"{capture.public_id}:{payment.intent.version}:back",
    )
    noting.note(payment, capture, before, taken)
    if _wants_credit_note(payment, capture):
        for allocation in taken:
            issue_credit_note(
                invoice=payment.invoices[allocation.invoice_id],
                amount=Money(-allocation.amount, capture.currency),
                actor="payments",
            )


def _wants_credit_note(payment: Payment, capture: Capture) -> bool:
    return any(
        refund.capture_id == capture.pk
        and refund.wants_credit_note
        and refund.invoice_id is None
        and refund.status == Refund.Status.SUCCEEDED
        for refund in payment.refunds
    )
