"""Giving money back, reserved before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import audit, policy
from core.money import Money
from crm.services.timeline import write as tell
from payments import errors
from payments.models import Capture, ProviderOperation, Refund
from payments.services import approval_news
from payments.services.apply import conclude
from payments.services.day_limits import DayLimits
from payments.services.during import call_id_of
from payments.services.payment import Payment, in_one_transaction, lock_payment
from payments.services.reserving import reserve

if TYPE_CHECKING:
    from core.models import ApiKey, User

Status = Refund.Status

LIMITS = DayLimits(
    name="refunds",
    rows=Refund,
    above=(Refund.Above.PER_REFUND, Refund.Above.PER_DAY),
    limits=policy.refund_limit,
    highest=policy.highest_refund,
    above_limit=errors.RefundAboveLimit,
    above_day=errors.RefundAboveDayLimit,
    above_every=errors.RefundAboveEveryLimit,
)
one_at_a_time = LIMITS.one_at_a_time
hold_limits = LIMITS.hold
left_today = LIMITS.left_today


@in_one_transaction
def request_refund(
    *,
    capture_id: int,
    amount: Money,
    reason: str,
    requested_by: User | ApiKey,
    wants_credit_note: bool = False,
    public_id: str = "",
) -> Refund:
    """Reserve a refund and the operation that will send it. Nothing is sent yet.

    Above a limit of the role it holds the money and waits for a second person; no operation
    exists before. Raises RefundExceedsCapture when less is left, RefundAboveLimit where the
    role may refund nothing, RefundAboveEveryLimit where nobody could approve it,
    RefundNeedsReason, AmountNotPositive, CurrencyNotOwed, and OutcomeStillUnknown while an
    operation on this payment has no answer.
    """
    one_at_a_time(policy.person_of(requested_by))
    intent_id = Capture.objects.values_list("attempt__intent_id", flat=True).get(pk=capture_id)
    # The lock makes two agents who refund the same payment wait for each other.
    payment = lock_payment(intent_id)
    capture = payment.capture_by_id(capture_id)
    _check_request(capture, amount, reason)
    if payment.intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    left = payment.left_to_refund(capture)
    if amount.minor > left:
        raise errors.RefundExceedsCapture(left=Money(max(0, left), capture.currency))
    above = LIMITS.exceeded(amount, requested_by)
    refund = Refund(
        capture=capture,
        amount=amount.minor,
        currency=amount.currency,
        reason=reason,
        requested_by=policy.person_of(requested_by),
        wants_credit_note=wants_credit_note,
        call_id=call_id_of(requested_by),
        above_limit=above,
        status=Status.AWAITING_APPROVAL if above else Status.REQUESTED,
    )
    if public_id:
        refund.public_id = public_id
    refund.save(force_insert=True)
    payment.refunds.append(refund)
    if above:
        approval_news.tell_step(payment, refund, "asked", actor=requested_by)
    else:
        reserve_sending(payment, refund)
    _record(payment, refund, requested_by)
    conclude(payment)
    return refund


def _record(payment: Payment, refund: Refund, requested_by: User | ApiKey) -> None:
    asked = {"amount": refund.amount, "currency": refund.currency}
    audit.record(requested_by, "refund.requested", refund, after=asked, reason=refund.reason)
    tell(
        payment.intent.customer_id,
        "refund_requested",
        actor=requested_by,
        object_id=payment.intent.public_id,
        data=asked,
    )


def reserve_sending(payment: Payment, refund: Refund) -> None:
    """Reserve the operation that sends a refund, which must be written as `requested`."""
    attempt = payment.attempt_by_id(payment.capture_by_id(refund.capture_id).attempt_id)
    operation = reserve(ProviderOperation.Kind.REFUND, attempt=attempt, refund=refund)
    payment.open_operations.append(operation)


def _check_request(capture: Capture, amount: Money, reason: str) -> None:
    if amount.minor <= 0:
        raise errors.AmountNotPositive
    if amount.currency != capture.currency:
        raise errors.CurrencyNotOwed(owed=capture.currency, currency=amount.currency)
    if not reason.strip():
        raise errors.RefundNeedsReason
