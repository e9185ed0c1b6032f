"""Operations that a provider never answers for: one person finds out, a second one approves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from core import audit, policy
from crm.services.timeline import write as tell
from payments import errors
from payments.models import OutcomeDecision, ProviderOperation
from payments.services import approval_news, outcomes, requests, second_person
from payments.services.apply import conclude
from payments.services.payment import Payment, in_one_transaction, lock_payment

if TYPE_CHECKING:
    from core.models import ApiKey, User

Status = OutcomeDecision.Status


@in_one_transaction
def request_decision(
    *,
    operation_id: int,
    outcome: OutcomeDecision.Outcome,
    reason: str,
    requested_by: User | ApiKey,
    seen: str = "",
    public_id: str = "",
) -> OutcomeDecision:
    """Say what became of an operation that is unknown. Nothing is true before it is approved.

    Raises OutcomeKnown where the provider has answered, DecisionTooEarly while an answer may
    still come by itself, DecisionWaits where one waits already, and DecisionNeedsReason.
    """
    intent_id = ProviderOperation.objects.values_list("intent_id", flat=True).get(pk=operation_id)
    payment = lock_payment(intent_id)
    operation = _unknown(payment, operation_id)
    if not reason.strip():
        raise errors.DecisionNeedsReason
    if OutcomeDecision.objects.filter(operation=operation, status=Status.AWAITING).exists():
        raise errors.DecisionWaits
    decision = OutcomeDecision(
        operation=operation,
        outcome=outcome,
        reason=reason,
        seen=seen,
        requested_by=policy.person_of(requested_by),
    )
    if public_id:
        decision.public_id = public_id
    decision.save(force_insert=True)
    _record(payment, decision, "asked", actor=requested_by, reason=reason)
    conclude(payment)
    return decision


@in_one_transaction
def approve_decision(*, decision_id: int, approver: User | ApiKey) -> OutcomeDecision:
    """Make what was decided a fact: rejoined, posted and followed by what follows from money.

    Raises OwnRequest to who asked for it, AlreadyDecided, and OutcomeKnown where the provider
    has answered meanwhile. Each leaves everything as it is.
    """
    payment, decision = _waiting(decision_id)
    second_person.refuse_who_asked(decision, approver)
    operation = _unknown(payment, decision.operation_id)
    person = policy.person_of(approver)
    payment.change(
        decision, status=Status.APPROVED, decided_by_id=person.pk, decided_at=timezone.now()
    )
    # The database looks for the approval when the facts are written.
    payment.flush()
    outcomes.settle(payment, operation, decision, approver=person)
    _record(payment, decision, "approved", actor=approver)
    tell(
        payment.intent.customer_id,
        f"outcome_{decision.outcome}",
        actor=approver,
        object_id=payment.intent.public_id,
        data={"amount": operation.amount, "currency": operation.currency},
    )
    conclude(payment)
    return decision


@in_one_transaction
def refuse_decision(*, decision_id: int, approver: User | ApiKey, reason: str) -> OutcomeDecision:
    """Leave it unknown. Raises OwnRequest, AlreadyDecided and RefusalNeedsReason."""
    payment, decision = _waiting(decision_id)
    second_person.hold_refusal(decision, approver, reason)
    payment.change(
        decision,
        status=Status.REFUSED,
        decided_by_id=policy.person_of(approver).pk,
        decided_at=timezone.now(),
        refusal=reason,
    )
    _record(payment, decision, "refused", actor=approver, reason=reason)
    conclude(payment)
    return decision


@in_one_transaction
def withdraw_decision(*, decision_id: int, actor: User | ApiKey) -> OutcomeDecision:
    """Take back what one said oneself. Raises NotOwnRequest, and AlreadyDecided."""
    payment, decision = _waiting(decision_id)
    second_person.refuse_others(decision, actor)
    payment.change(decision, status=Status.WITHDRAWN, decided_at=timezone.now())
    _record(payment, decision, "withdrawn", actor=actor)
    conclude(payment)
    return decision


def may_be_decided_at(operation: ProviderOperation) -> datetime:
    """From when what became of an operation may be decided.

    Before it neither the provider's own word that it knows nothing can be trusted, nor what
    its dashboard shows: the last request may still be on its way.
    """
    last = operation.last_sent_at or operation.created_at
    return last + timedelta(seconds=requests.settled_after_s(operation))


def _unknown(payment: Payment, operation_id: int) -> ProviderOperation:
    """Return an operation of the payment that has no answer, and none that may still come."""
    operation = next((one for one in payment.open_operations if one.pk == operation_id), None)
    if operation is None or operation.status == ProviderOperation.Status.CREATED:
        raise errors.OutcomeKnown
    until = may_be_decided_at(operation)
    if operation.status == ProviderOperation.Status.SENT or timezone.now() < until:
        raise errors.DecisionTooEarly(until=until)
    return operation


def _waiting(decision_id: int) -> tuple[Payment, OutcomeDecision]:
    """Lock the payment, and return it with the decision if that still waits."""
    found = OutcomeDecision.objects.values_list("operation__intent_id", flat=True)
    payment = lock_payment(found.get(pk=decision_id))
    decision = OutcomeDecision.objects.get(pk=decision_id)
    if decision.status != Status.AWAITING:
        raise errors.AlreadyDecided(status=decision.get_status_display())
    return payment, decision


def _record(
    payment: Payment,
    decision: OutcomeDecision,
    deed: str,
    *,
    actor: User | ApiKey,
    reason: str = "",
) -> None:
    """Tell it on the rail and name who did it in the audit."""
    operation = decision.operation
    said = {
        "operation": operation.public_id,
        "outcome": decision.outcome,
        "amount": operation.amount,
        "currency": operation.currency,
    }
    approval_news.tell_decision(payment, decision, deed, actor=actor)
    audit.record(actor, f"outcome.{deed}", decision, after=said, reason=reason)
