"""Operations that lost their answer, one of each kind, and what their provider may say later."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core.money import Money
from payments.models import (
    OutcomeDecision,
    PaymentAttempt,
    PaymentMethod,
    ProviderOperation,
)
from payments.models.events import Source
from payments.providers.base import News, Snapshot, SubjectKind
from payments.services import charges, decisions, operations
from payments.services.apply import apply_snapshot, conclude
from payments.services.payment import lock_payment
from payments.services.reserving import reserve
from tests.factories import core as people
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import (
    PaymentAttemptFactory,
    PaymentIntentFactory,
    ProviderAccountFactory,
    asked_refund,
    news,
    paid_capture,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User

Kind = ProviderOperation.Kind
Outcome = OutcomeDecision.Outcome
AMOUNT = 10_000
LONG_AGO = timedelta(hours=1)


def unknown(kind: Kind) -> ProviderOperation:
    """An operation of a kind that was sent an hour ago and never answered."""
    make: Callable[[], ProviderOperation] = MAKERS[kind]
    return lost(make())


def lost(operation: ProviderOperation, ago: timedelta = LONG_AGO) -> ProviderOperation:
    """Let an operation have been sent, and its sender never come back."""
    then = timezone.now() - ago
    ProviderOperation.objects.filter(pk=operation.pk).update(
        status="sent", sends=1, first_sent_at=then, last_sent_at=then
    )
    operations.lose_answer(operation.pk)
    return ProviderOperation.objects.get(pk=operation.pk)


def refund_of(capture_amount: int = 40_000, amount: int = 5_000) -> ProviderOperation:
    invoice = InvoiceFactory.create(total=capture_amount)
    refund = asked_refund(paid_capture(invoice=invoice), amount)
    return ProviderOperation.objects.get(refund=refund)


def _charge() -> ProviderOperation:
    customer = CustomerFactory.create()
    invoice = InvoiceFactory.create(customer=customer, total=AMOUNT)
    intent = PaymentIntentFactory.create(customer=customer, amount=AMOUNT)
    intent.items.create(invoice=invoice, amount=AMOUNT)
    method = PaymentMethod.objects.create(
        customer=customer, account=ProviderAccountFactory.create(), method="card", token={}
    )
    attempt = charges.charge_saved_method(intent_id=intent.pk, method=method, actor=people.agent())
    return ProviderOperation.objects.get(attempt=attempt)


def _authorised() -> PaymentAttempt:
    invoice = InvoiceFactory.create(total=AMOUNT)
    intent = PaymentIntentFactory.create(customer=invoice.customer, amount=AMOUNT)
    intent.items.create(invoice=invoice, amount=AMOUNT)
    attempt: PaymentAttempt = PaymentAttemptFactory.create(session__intent=intent, intent=intent)
    tell(attempt, "authorised")
    return attempt


def _capture() -> ProviderOperation:
    capture = charges.request_capture(
        attempt_id=_authorised().pk, amount=Money(AMOUNT, "EUR"), actor=people.agent()
    )
    return ProviderOperation.objects.get(capture=capture)


def _cancel() -> ProviderOperation:
    row = charges.request_cancellation(attempt_id=_authorised().pk, actor=people.agent())
    return ProviderOperation.objects.get(cancellation=row)


def _of_page(kind: Kind) -> ProviderOperation:
    attempt: PaymentAttempt = PaymentAttemptFactory.create()
    with transaction.atomic():
        return reserve(kind, attempt=attempt)


MAKERS: dict[Kind, Callable[[], ProviderOperation]] = {
    Kind.CHARGE: _charge,
    Kind.CAPTURE: _capture,
    Kind.CANCEL: _cancel,
    Kind.REFUND: refund_of,
    Kind.CREATE: lambda: _of_page(Kind.CREATE),
    Kind.CLOSE_SESSION: lambda: _of_page(Kind.CLOSE_SESSION),
}


def asked(
    operation: ProviderOperation, outcome: Outcome = Outcome.CARRIED_OUT, by: User | None = None
) -> OutcomeDecision:
    return decisions.request_decision(
        operation_id=operation.pk,
        outcome=outcome,
        reason="seen in the dashboard",
        requested_by=by or people.senior_agent(),
    )


def decided(operation: ProviderOperation, outcome: Outcome) -> OutcomeDecision:
    """Two people decide about an operation."""
    decision = asked(operation, outcome)
    return decisions.approve_decision(decision_id=decision.pk, approver=people.finance())


def tell(attempt: PaymentAttempt, status: str, *movements: News, amount: int = 0) -> None:
    """Let the provider say how an attempt stands, and what moved under it."""

    def of(kind: SubjectKind) -> tuple[News, ...]:
        return tuple(one for one in movements if one.kind is kind)

    snapshot = Snapshot(
        attempt=news(
            SubjectKind.ATTEMPT,
            status,
            amount or attempt.amount,
            f"pay-{attempt.public_id}",
            our_id=attempt.public_id,
        ),
        captures=of(SubjectKind.CAPTURE),
        cancellations=of(SubjectKind.CANCELLATION),
        refunds=of(SubjectKind.REFUND),
    )
    apply_snapshot(account=attempt.account, snapshot=snapshot, source=Source.WEBHOOK)


def says(operation: ProviderOperation, *, it_happened: bool) -> None:
    """Let the provider say, long after, what became of an operation."""
    attempt = operation.attempt
    kind, amount = operation.kind, operation.amount
    if kind == Kind.CHARGE:
        name = f"cap-{attempt.public_id}"
        taken = (news(SubjectKind.CAPTURE, "succeeded", amount, name),) if it_happened else ()
        tell(attempt, "authorised" if it_happened else "declined", *taken)
    elif kind in {Kind.CREATE, Kind.CLOSE_SESSION}:
        tell(attempt, "pending" if it_happened == (kind == Kind.CREATE) else "expired")
    else:
        tell(attempt, "authorised", *_movements(operation, it_happened=it_happened))


def _movements(operation: ProviderOperation, *, it_happened: bool) -> list[News]:
    status = "succeeded" if it_happened else "failed"
    subject, public_id = operations.subject_of(operation)
    named = news(SubjectKind(subject), status, operation.amount, f"x-{public_id}", our_id=public_id)
    if operation.refund is None:
        return [named]
    captured = operation.refund.capture
    name = f"cap-{captured.attempt.public_id}"
    return [news(SubjectKind.CAPTURE, "succeeded", captured.amount, name), named]


def concluded(operation: ProviderOperation) -> ProviderOperation:
    """Derive a payment again, and return the operation as it then is."""
    with transaction.atomic():
        conclude(lock_payment(operation.intent_id))
    operation.refresh_from_db()
    operation.intent.refresh_from_db()
    return operation
