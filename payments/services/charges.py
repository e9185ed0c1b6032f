"""Charging a saved method, and taking or letting go of what is only authorised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import audit
from core.money import Money
from payments import errors
from payments.models import (
    Cancellation,
    Capture,
    PaymentAttempt,
    PaymentMethod,
    ProviderOperation,
)
from payments.services import settling
from payments.services.apply import conclude
from payments.services.during import call_id_of
from payments.services.payment import Payment, in_one_transaction, lock_payment
from payments.services.reserving import reserve

if TYPE_CHECKING:
    from core.models import ApiKey, User
    from crm.services.actors import Actor


@in_one_transaction
def charge_saved_method(
    *,
    intent_id: int,
    method: PaymentMethod,
    actor: Actor,
    is_off_session: bool = False,
    public_id: str = "",
) -> PaymentAttempt:
    """Reserve a charge of a saved method for all that is left. Nothing is sent yet.

    `is_off_session` where the customer is not there and has agreed before: the bank may then
    decline what it would have asked the customer about. An open link closes first. Raises
    OutcomeStillUnknown, AlreadyPaid, AlreadyCanceled, AlreadyBeingPaid, LinkStillPayable, and
    MethodNotOffered for somebody else's method.
    """
    payment = lock_payment(intent_id)
    intent = payment.intent
    if method.customer_id != intent.customer_id or method.removed_at is not None:
        raise errors.MethodNotOffered
    if intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    if payment.is_canceled:
        raise errors.AlreadyCanceled
    settling.close_open(payment)
    settling.refuse_open_page(payment)
    left = payment.left_to_charge()
    if left <= 0:
        raise errors.AlreadyPaid
    attempt = PaymentAttempt(
        intent=intent,
        account=method.account,
        method=method.method,
        saved_method=method,
        is_off_session=is_off_session,
        call_id=call_id_of(actor),
        amount=left,
        currency=intent.currency,
    )
    if public_id:
        attempt.public_id = public_id
    attempt.save(force_insert=True)
    payment.attempts.append(attempt)
    payment.open_operations.append(reserve(ProviderOperation.Kind.CHARGE, attempt=attempt))
    audit.record(actor, "payment_attempt.charged", attempt, after={"amount": left})
    conclude(payment)
    return attempt


@in_one_transaction
def request_capture(*, attempt_id: int, amount: Money, actor: User | ApiKey) -> Capture:
    """Reserve the taking of authorised money. Raises CaptureExceedsAuthorised."""
    intent_id = PaymentAttempt.objects.values_list("intent_id", flat=True).get(pk=attempt_id)
    payment = lock_payment(intent_id)
    attempt = payment.attempt_by_id(attempt_id)
    if payment.intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    _check_taking(payment, attempt, amount)
    capture = Capture.objects.create(attempt=attempt, amount=amount.minor, currency=amount.currency)
    payment.captures.append(capture)
    payment.open_operations.append(
        reserve(ProviderOperation.Kind.CAPTURE, attempt=attempt, capture=capture)
    )
    audit.record(actor, "capture.requested", capture, after={"amount": amount.minor})
    conclude(payment)
    return capture


def _check_taking(payment: Payment, attempt: PaymentAttempt, amount: Money) -> None:
    if amount.minor <= 0:
        raise errors.AmountNotPositive
    if amount.currency != attempt.currency:
        raise errors.CurrencyNotOwed(owed=attempt.currency, currency=amount.currency)
    left = attempt.capturable - _in_flight(payment, attempt)
    if amount.minor > left:
        raise errors.CaptureExceedsAuthorised(left=Money(max(0, left), attempt.currency))


def _in_flight(payment: Payment, attempt: PaymentAttempt) -> int:
    """What is being taken or let go and has no final answer (minor units)."""
    asked: list[Capture | Cancellation] = [*payment.captures, *payment.cancellations]
    return sum(
        row.amount
        for row in asked
        if row.attempt_id == attempt.pk and row.status in {"pending", "unknown"}
    )


@in_one_transaction
def request_cancellation(*, attempt_id: int, actor: User | ApiKey) -> Cancellation:
    """Reserve letting go of all that is authorised and not taken.

    Raises CaptureExceedsAuthorised where nothing is left, OutcomeStillUnknown.
    """
    intent_id = PaymentAttempt.objects.values_list("intent_id", flat=True).get(pk=attempt_id)
    payment = lock_payment(intent_id)
    attempt = payment.attempt_by_id(attempt_id)
    if payment.intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    _check_taking(payment, attempt, Money(max(1, attempt.capturable), attempt.currency))
    row = Cancellation.objects.create(
        attempt=attempt, amount=attempt.capturable, currency=attempt.currency
    )
    payment.cancellations.append(row)
    payment.open_operations.append(
        reserve(ProviderOperation.Kind.CANCEL, attempt=attempt, cancellation=row)
    )
    audit.record(actor, "cancellation.requested", row, after={"amount": row.amount})
    conclude(payment)
    return row
