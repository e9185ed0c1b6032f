"""Bringing the ledger to what the joined state calls for: one statement a settlement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import rows
from payments import lifecycle, postings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from payments.models import Capture
    from payments.postings import Line
    from payments.services.payment import Payment

SETTLE = "SELECT ledger_settle(%s, %s, %s, %s, %s, %s)"


def settle(lines: Iterable[Line], *, version: int) -> int:
    """Post the difference between each line's target and what is posted already.

    Returns how many transfers were written. Safe to repeat. The caller holds the lock of
    what the lines are about; the function locks the accounts in the order of their ids.
    """
    wanted = list(lines)
    if not wanted:
        return 0
    columns: list[list[str] | list[int]] = [
        [line.subject for line in wanted],
        [line.pair for line in wanted],
        [line.debit for line in wanted],
        [line.credit for line in wanted],
        [line.target for line in wanted],
    ]
    ((written,),) = rows.select(SETTLE, [version, *columns])
    return int(written)


def settle_payment(payment: Payment) -> int:
    """Post what the joined state of a payment calls for."""
    if lifecycle.CAPTURE not in payment.joined_kinds:
        return 0
    return settle(lines_of(payment), version=payment.intent.version)


def lines_of(payment: Payment) -> Iterator[Line]:
    """Yield every line of a payment: captures, allocations, refunds and disputes."""
    captures = {c.pk: c for c in payment.captures}
    yield from postings.capture_lines(_captured(payment))
    if lifecycle.REFUND in payment.joined_kinds:
        refunds = [(r.public_id, captures[r.capture_id]) for r in payment.refunds]
        yield from postings.refund_lines(_returned(payment, lifecycle.REFUND, refunds))
    if lifecycle.DISPUTE in payment.joined_kinds:
        disputes = [(d.public_id, captures[d.capture_id]) for d in payment.disputes]
        yield from postings.dispute_lines(_returned(payment, lifecycle.DISPUTE, disputes))


def _captured(payment: Payment) -> Iterator[postings.CapturedMoney]:
    for capture in payment.captures:
        standing = payment.joined.get((lifecycle.CAPTURE, capture.public_id))
        if standing is None:
            continue
        invoices = payment.allocated.get(capture.public_id, {})
        yield postings.CapturedMoney(
            subject=capture.public_id,
            currency=standing.currency,
            clearing=_clearing(payment, capture, standing.currency),
            customer=payment.intent.customer_id,
            captured=standing.counted,
            allocated=invoices,
            receivables={pk: payment.invoices[pk].customer_id for pk in invoices},
        )


def _returned(
    payment: Payment, kind: str, subjects: list[tuple[str, Capture]]
) -> Iterator[postings.ReturnedMoney]:
    for subject, capture in subjects:
        standing = payment.joined.get((kind, subject))
        if standing is None:
            continue
        yield postings.ReturnedMoney(
            subject=subject,
            currency=standing.currency,
            clearing=_clearing(payment, capture, standing.currency),
            customer=payment.intent.customer_id,
            amount=standing.counted,
            lost=standing.counted if standing.status == "lost" else 0,
        )


def _clearing(payment: Payment, capture: Capture, currency: str) -> str:
    attempt = payment.attempt_by_id(capture.attempt_id)
    return postings.clearing(currency, attempt.account_id, payment.intent.pk)
