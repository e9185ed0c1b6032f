"""Writing the joined facts onto the rows that cache them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payments import lifecycle
from payments.models import ProviderOperation
from payments.models.attempts import Origin
from payments.services.decided import is_overruled
from payments.services.facts import as_facts

if TYPE_CHECKING:
    from payments.lifecycle import Standing
    from payments.models import Capture, Dispute
    from payments.services.payment import Payment

Joined = dict[tuple[str, str], "Standing"]


def rejoin(payment: Payment) -> None:
    """Join the facts of a payment and bring every row it holds up to date."""
    joined = payment.joined = lifecycle.join(as_facts(payment.events))
    _write_captures(payment, joined)
    _write_attempts(payment, joined)
    _write_intent(payment)


def _write_captures(payment: Payment, joined: Joined) -> None:
    kinds = {kind for kind, _ in joined}
    if lifecycle.CAPTURE not in kinds:
        return
    if lifecycle.REFUND in kinds:
        for refund in payment.refunds:
            _write_status(payment, refund, joined.get((lifecycle.REFUND, refund.public_id)))
    if lifecycle.DISPUTE in kinds:
        for dispute in payment.disputes:
            _write_dispute(payment, dispute, joined.get((lifecycle.DISPUTE, dispute.public_id)))
    for capture in payment.captures:
        _write_capture(payment, capture, joined)


def _write_capture(payment: Payment, capture: Capture, joined: Joined) -> None:
    standing = joined.get((lifecycle.CAPTURE, capture.public_id))
    if standing is not None:
        payment.change(
            capture,
            status=standing.status,
            captured=standing.counted,
            refunded=_sum_under(capture, joined, lifecycle.REFUND, payment),
            disputed=_sum_under(capture, joined, lifecycle.DISPUTE, payment),
        )


def _write_dispute(payment: Payment, dispute: Dispute, standing: Standing | None) -> None:
    if standing is not None:
        payment.change(dispute, status=standing.status, amount=standing.amount)


def _write_status(payment: Payment, row: Any, standing: Standing | None) -> None:
    if standing is not None:
        payment.change(row, status=standing.status)


def _sum_under(capture: Capture, joined: Joined, kind: str, payment: Payment) -> int:
    """Add up what counts of the refunds or disputes of one capture, in its currency."""
    if not any(joined_kind == kind for joined_kind, _ in joined):
        return 0
    rows: list[Any] = list(payment.refunds if kind == lifecycle.REFUND else payment.disputes)
    standings = (joined.get((kind, row.public_id)) for row in rows if row.capture_id == capture.pk)
    return sum(one.counted for one in standings if one and one.currency == capture.currency)


def _write_attempts(payment: Payment, joined: Joined) -> None:
    kinds = {kind for kind, _ in joined}
    for attempt in payment.attempts:
        standing = joined.get((lifecycle.ATTEMPT, attempt.public_id))
        values: dict[str, Any] = {}
        if standing is not None:
            in_own = standing.counted if standing.currency == attempt.currency else 0
            values = {"status": standing.status, "authorised": in_own}
        if lifecycle.CAPTURE in kinds:
            values["captured"] = sum(
                capture.captured
                for capture in payment.captures
                if capture.attempt_id == attempt.pk and capture.currency == attempt.currency
            )
        if lifecycle.CANCELLATION in kinds:
            values["cancelled"] = _cancelled(payment, attempt.pk, attempt.currency, joined)
        payment.change(attempt, **values)


def _cancelled(payment: Payment, attempt_id: int, currency: str, joined: Joined) -> int:
    total = 0
    for row in payment.cancellations:
        standing = joined.get((lifecycle.CANCELLATION, row.public_id))
        if standing is None:
            continue
        payment.change(row, status=standing.status)
        if row.attempt_id == attempt_id and standing.currency == currency:
            total += standing.counted
    return total


def _write_intent(payment: Payment) -> None:
    intent = payment.intent
    own = [a for a in payment.attempts if a.currency == intent.currency]
    payment.change(
        intent,
        authorised=sum(a.authorised for a in own),
        captured=sum(a.captured for a in own),
        capturable=sum(a.capturable for a in own),
        cancelled=sum(a.cancelled for a in own),
    )
    if any(a.captured for a in payment.attempts) or intent.refunded or intent.disputed:
        captures = [c for c in payment.captures if c.currency == intent.currency]
        payment.change(
            intent,
            refunded=sum(c.refunded for c in captures),
            disputed=sum(c.disputed for c in captures),
        )


def conclude_intent(payment: Payment) -> None:
    """Derive what depends on operations and allocations, too."""
    reasons = sorted(_reasons(payment))
    payment.change(
        payment.intent,
        blocked_by_unknown=any(
            operation.status == ProviderOperation.Status.UNKNOWN
            and operation.kind in ProviderOperation.MOVES_MONEY
            for operation in payment.open_operations
        ),
        surplus=_surplus(payment),
        review_reasons=reasons,
        needs_review=bool(reasons),
        status=lifecycle.intent_status(payment.figures()),
    )


def _surplus(payment: Payment) -> int:
    """Money of the intent that is neither given back, allocated, nor prepays its order."""
    intent = payment.intent
    if not intent.captured or intent.order_id is not None:
        return max(0, intent.captured - intent.refunded - intent.amount)
    allocated = sum(c.allocated for c in payment.captures if c.currency == intent.currency)
    return max(0, intent.captured - intent.refunded - allocated)


def _reasons(payment: Payment) -> set[str]:
    """Why a person should look: a fact went beyond what was asked or agreed."""
    intent = payment.intent
    currencies = {standing.currency for standing in payment.joined.values() if standing.counted}
    held = [(c.captured, c.refunded + c.disputed) for c in payment.captures] if currencies else []
    checks = {
        "other_currency": bool(currencies - {intent.currency}),
        "captured_beyond_amount": intent.captured - intent.refunded > intent.amount
        and not intent.allows_surplus,
        "returned_beyond_capture": any(returned > captured for captured, returned in held),
        "refunded_at_provider": lifecycle.REFUND in payment.joined_kinds
        and any(r.origin == Origin.PROVIDER and r.status == "succeeded" for r in payment.refunds),
        "decided_otherwise": is_overruled(payment),
        "paid_after_cancel": payment.is_canceled and intent.captured > intent.refunded,
    }
    return {reason for reason, holds in checks.items() if holds}
