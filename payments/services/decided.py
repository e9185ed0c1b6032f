"""What people decided about a payment, and what the provider's own word makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payments import lifecycle
from payments.models.attempts import Origin
from payments.services.facts import as_facts, own_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payments.models import Capture, PaymentAttempt, PaymentEvent
    from payments.providers.base import Snapshot
    from payments.services.payment import Payment

DECISION = "decision"
"""The key in an event's details under which a fact names the decision that made it."""


def is_decided(payment: Payment, kind: str, subject: str) -> bool:
    """Whether two people decided about a subject of which the provider has said nothing final."""
    facts = [e for e in payment.events if (e.subject_kind, e.subject_id) == (kind, subject)]
    heard = (fact for fact in as_facts(facts) if fact.source != lifecycle.OPERATOR)
    return any(DECISION in one.detail for one in facts) and not any(f.is_final for f in heard)


def capture_of_charge(payment: Payment, attempt: PaymentAttempt) -> Capture | None:
    """Return the capture that stands by decision alone: a charge that was said to have happened."""
    return next(
        (
            capture
            for capture in payment.captures
            if capture.attempt_id == attempt.pk and capture.origin == Origin.DECISION
        ),
        None,
    )


def disowned(
    payment: Payment, attempt: PaymentAttempt, snapshot: Snapshot, source: str
) -> Iterator[PaymentEvent]:
    """Yield what a provider says of a charge's capture by saying that nothing was charged.

    People said that a saved method was charged, which is two subjects, an attempt and a
    capture. A provider whose word is that the attempt came to nothing never names the second.
    """
    came_to_nothing = snapshot.attempt.status in {
        *("declined", "expired", "not_executed", "canceled"),
    }
    capture = capture_of_charge(payment, attempt) if came_to_nothing else None
    if capture is not None:
        yield own_event(
            intent_id=payment.intent.pk,
            account_id=attempt.account_id,
            subject=(lifecycle.CAPTURE, capture.public_id),
            status="not_executed",
            source=source,
            currency=capture.currency,
            cause=attempt.public_id,
        )


def is_overruled(payment: Payment) -> bool:
    """Whether the provider's final word is about other money than two people had decided."""
    decided = [event for event in payment.events if DECISION in event.detail]
    if not decided:
        return False
    said = lifecycle.join(as_facts(decided))
    return any(
        _counts(standing) != _counts(payment.joined[subject])
        for subject, standing in said.items()
        if subject in payment.joined
    )


def _counts(standing: lifecycle.Standing) -> tuple[int, Any]:
    counted = standing.counted
    return counted, standing.currency if counted else None
