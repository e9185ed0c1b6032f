"""Making true what two people decided about an operation: facts, by the door of all facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import rows
from payments import lifecycle
from payments.models import Capture, OutcomeDecision, ProviderOperation
from payments.models.attempts import Origin
from payments.models.events import Source
from payments.services import operations, settling
from payments.services.decided import DECISION
from payments.services.facts import own_event

if TYPE_CHECKING:
    from core.models import User
    from payments.models import PaymentEvent
    from payments.services.payment import Payment

Kind = ProviderOperation.Kind

REACHED = {
    Kind.CREATE: "pending",
    Kind.CHARGE: "authorised",
    Kind.CAPTURE: "succeeded",
    Kind.CANCEL: "succeeded",
    Kind.REFUND: "succeeded",
    Kind.CLOSE_SESSION: "canceled",
    Kind.PUSH: "pending",
    Kind.ASK: "pending",
    Kind.CONFIRM: "authorised",
}
"""What the subject of an operation has come to where the operation was carried out."""
WITHOUT_MONEY = (Kind.CREATE, Kind.CLOSE_SESSION, Kind.PUSH, Kind.ASK)
TAKES_AT_ONCE = (Kind.CHARGE, Kind.CONFIRM)
BEGINS = (Kind.CREATE, Kind.PUSH)


def settle(
    payment: Payment, operation: ProviderOperation, decision: OutcomeDecision, *, approver: User
) -> None:
    """Add what was decided as facts, and end the operation. The caller concludes the payment.

    What was begun after all is closed: nobody was given its address. That a page was not
    closed, or a field not asked for, says nothing about the attempt, which may still be paid.
    """
    is_carried_out = decision.outcome == OutcomeDecision.Outcome.CARRIED_OUT
    if is_carried_out:
        _add(payment, operation, decision, approver)
    elif operation.kind not in (Kind.CLOSE_SESSION, Kind.ASK):
        subject = operations.subject_of(operation)
        payment.add([_fact(operation, decision, approver, subject, "not_executed")])
    done, not_executed = ProviderOperation.Status.DONE, ProviderOperation.Status.NOT_EXECUTED
    payment.change(operation, status=done if is_carried_out else not_executed, resolve_at=None)
    payment.open_operations.remove(operation)
    if is_carried_out and operation.kind in BEGINS:
        settling.ask_to_close(payment, payment.attempt_by_id(operation.attempt_id))


def _add(
    payment: Payment, operation: ProviderOperation, decision: OutcomeDecision, approver: User
) -> None:
    kind = Kind(operation.kind)
    amount = 0 if kind in WITHOUT_MONEY else operation.amount
    subject = operations.subject_of(operation)
    facts = [_fact(operation, decision, approver, subject, REACHED[kind], amount)]
    if kind in TAKES_AT_ONCE:
        taken = lifecycle.CAPTURE, _capture_of_charge(payment, operation).public_id
        facts.append(_fact(operation, decision, approver, taken, "succeeded", amount))
    payment.add(facts)


def _capture_of_charge(payment: Payment, operation: ProviderOperation) -> Capture:
    """A charge takes the money at once, so that it happened means that money was taken."""
    capture = Capture(
        attempt=payment.attempt_by_id(operation.attempt_id),
        origin=Origin.DECISION,
        amount=operation.amount,
        currency=operation.currency,
    )
    known = payment.captures  # Read before, so that the new one does not stand there twice.
    rows.insert(capture)
    known.append(capture)
    return capture


def _fact(
    operation: ProviderOperation,
    decision: OutcomeDecision,
    approver: User,
    subject: tuple[str, str],
    status: str,
    amount: int = 0,
) -> PaymentEvent:
    return own_event(
        subject=subject,
        status=status,
        source=Source.OPERATOR,
        cause=decision.public_id,
        intent_id=operation.intent_id,
        account_id=operation.account_id,
        actor=approver,
        amount=amount,
        currency=operation.currency,
        detail={DECISION: decision.public_id},
    )
