"""What follows from money: receipts, the timeline and what the agent can search by.

Each is a row written in the transaction of its cause, so it happens once or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crm.search import keys
from crm.services import messages, timeline
from payments import lifecycle
from payments.services.destinations import receipt_destination

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payments.models import Capture
    from payments.services.payment import Payment


@dataclass(frozen=True, slots=True)
class Before:
    """What counted before this transaction: minor units by capture pk, and subject ids."""

    captured: Mapping[int, int]
    counted: frozenset[str]

    @classmethod
    def of(cls, payment: Payment) -> Before:
        """Read it off the rows, before the facts are joined again."""
        new = {id(event) for event in payment.new_events}
        older = [event for event in payment.events if id(event) not in new]
        has_captures = any(event.subject_kind == lifecycle.CAPTURE for event in older)
        return cls(
            captured={c.pk: c.captured for c in payment.captures} if has_captures else {},
            counted=frozenset(
                event.subject_id
                for event in older
                if event.status in lifecycle.COUNTS.get(event.subject_kind, ())
            ),
        )


def write(payment: Payment, before: Before) -> None:
    """Write receipts, timeline entries and search keys for what is new."""
    for capture in payment.captures if lifecycle.CAPTURE in payment.joined_kinds else ():
        if capture.captured > before.captured.get(capture.pk, 0):
            _money_came(payment, capture)
    for refund in payment.refunds if lifecycle.REFUND in payment.joined_kinds else ():
        standing = payment.joined.get((lifecycle.REFUND, refund.public_id))
        if standing and standing.counted and refund.public_id not in before.counted:
            _tell(payment, "refund_succeeded", refund.public_id, standing)
    for dispute in payment.disputes if lifecycle.DISPUTE in payment.joined_kinds else ():
        standing = payment.joined.get((lifecycle.DISPUTE, dispute.public_id))
        if standing and standing.counted and dispute.public_id not in before.counted:
            _tell(payment, "dispute_opened", dispute.public_id, standing)


def _money_came(payment: Payment, capture: Capture) -> None:
    intent = payment.intent
    standing = payment.joined[lifecycle.CAPTURE, capture.public_id]
    _tell(payment, "payment_succeeded", capture.public_id, standing)
    attempt = payment.attempt_by_id(capture.attempt_id)
    if attempt.method_last4:
        payment.put_once(keys.card_key(intent.customer_id, attempt.method_last4))
    if place := receipt_destination(payment, attempt):
        receipt = messages.draft(
            cause=capture.public_id,
            kind="receipt",
            channel=place.channel,
            destination=place.address,
            customer_id=intent.customer_id,
            language=place.language,
            data={"capture": capture.public_id},
        )
        payment.put_once(receipt)


def _tell(payment: Payment, kind: str, subject: str, standing: lifecycle.Standing) -> None:
    entry = timeline.entry_of(
        payment.intent.customer_id,
        kind,
        object_id=payment.intent.public_id,
        data={
            "subject": subject,
            "amount": standing.amount,
            "currency": standing.currency,
        },
    )
    payment.put(entry)
