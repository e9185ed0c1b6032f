"""Refunds above a limit: a second person approves or refuses, who asked may withdraw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from core import audit, policy
from core.money import Money
from crm.services.timeline import write as tell
from payments import errors, lifecycle
from payments.models import Refund
from payments.models.events import Source
from payments.services import approval_news, second_person
from payments.services.apply import conclude
from payments.services.facts import own_event
from payments.services.payment import Payment, in_one_transaction, lock_payment
from payments.services.refunds import hold_limits, one_at_a_time, reserve_sending

if TYPE_CHECKING:
    from core.models import ApiKey, User

Status = Refund.Status


@in_one_transaction
def approve_refund(*, refund_id: int, approver: User | ApiKey) -> Refund:
    """Let a refund that waits be sent: only now an operation exists for it.

    Raises OwnRequest to who asked for it, AlreadyDecided, RefundAboveLimit and
    RefundAboveDayLimit by the approver's own limits, RefundExceedsCapture where the money went
    back another way meanwhile, and OutcomeStillUnknown. Each leaves the refund as it waits.
    """
    one_at_a_time(policy.person_of(approver))
    payment, refund = _waiting(refund_id)
    second_person.refuse_who_asked(refund, approver)
    hold_limits(refund.money, approver)
    if payment.intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    # The refund holds its amount itself, so what is left without it is that much more.
    missing = payment.left_to_refund(payment.capture_by_id(refund.capture_id))
    if missing < 0:
        raise errors.RefundExceedsCapture(
            left=Money(max(0, refund.amount + missing), refund.currency)
        )
    payment.change(
        refund,
        status=Status.REQUESTED,
        decided_by_id=policy.person_of(approver).pk,
        decided_at=timezone.now(),
    )
    # The database looks for the approval when the operation is written.
    payment.flush()
    reserve_sending(payment, refund)
    _record(payment, refund, "approved", actor=approver)
    conclude(payment)
    return refund


@in_one_transaction
def refuse_refund(*, refund_id: int, approver: User | ApiKey, reason: str) -> Refund:
    """Release what a refund holds. Raises OwnRequest, AlreadyDecided and RefusalNeedsReason."""
    payment, refund = _waiting(refund_id)
    second_person.hold_refusal(refund, approver, reason)
    payment.change(refund, decided_by_id=policy.person_of(approver).pk, refusal=reason)
    _release(payment, refund, approver)
    _record(payment, refund, "refused", actor=approver, reason=reason)
    conclude(payment)
    return refund


@in_one_transaction
def withdraw_refund(*, refund_id: int, actor: User | ApiKey) -> Refund:
    """Take back one's own request. Raises NotOwnRequest, and AlreadyDecided."""
    payment, refund = _waiting(refund_id)
    second_person.refuse_others(refund, actor)
    _release(payment, refund, actor)
    _record(payment, refund, "withdrawn", actor=actor)
    conclude(payment)
    return refund


def _waiting(refund_id: int) -> tuple[Payment, Refund]:
    """Lock the payment, and return it with the refund if that still waits."""
    found = Refund.objects.values_list("capture__attempt__intent_id", flat=True)
    payment = lock_payment(found.get(pk=refund_id))
    refund = next(one for one in payment.refunds if one.pk == refund_id)
    if refund.status != Status.AWAITING_APPROVAL:
        raise errors.AlreadyDecided(status=refund.get_status_display())
    return payment, refund


def _release(payment: Payment, refund: Refund, actor: User | ApiKey) -> None:
    """Say, as any other fact is said, that the refund will not be: its money is free again."""
    payment.change(refund, decided_at=timezone.now())
    fact = own_event(
        subject=(lifecycle.REFUND, refund.public_id),
        status="canceled",
        source=Source.OPERATOR,
        intent_id=payment.intent.pk,
        actor=policy.person_of(actor),
        currency=refund.currency,
    )
    payment.add([fact])


def _record(
    payment: Payment, refund: Refund, deed: str, *, actor: User | ApiKey, reason: str = ""
) -> None:
    """Tell it on the rail and the timeline, and name who did it in the audit."""
    asked = {"amount": refund.amount, "currency": refund.currency}
    approval_news.tell_step(payment, refund, deed, actor=actor)
    audit.record(actor, f"refund.{deed}", refund, after=asked, reason=reason)
    tell(
        payment.intent.customer_id,
        f"refund_{deed}",
        actor=actor,
        object_id=payment.intent.public_id,
        data=asked,
    )
