"""Closing operations and sessions by the joined state, whoever brought the news."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from payments import lifecycle
from payments.errors import LinkStillPayable
from payments.models import CheckoutSession, PaymentAttempt, ProviderOperation
from payments.services.reserving import reserve

if TYPE_CHECKING:
    from payments.services.payment import Payment

Kind = ProviderOperation.Kind
Status = ProviderOperation.Status
Session = CheckoutSession.Status

OUTCOMES = {
    "declined": Status.DECLINED,
    "failed": Status.DECLINED,
    "canceled": Status.DECLINED,
    "not_executed": Status.NOT_EXECUTED,
}
UNDER_WAY = (PaymentAttempt.Status.PENDING, PaymentAttempt.Status.UNKNOWN)


def settle_operations(payment: Payment) -> None:
    """Give every open operation the outcome that the joined facts show."""
    for operation in list(payment.open_operations):
        outcome = _outcome(payment, operation)
        if outcome is not None:
            payment.change(operation, status=outcome, resolve_at=None)
            payment.open_operations.remove(operation)


def _outcome(payment: Payment, operation: ProviderOperation) -> Status | None:
    attempt = payment.attempt_by_id(operation.attempt_id)
    if operation.kind == Kind.CLOSE_SESSION:
        return None if attempt.status in UNDER_WAY else Status.DONE
    if operation.status == Status.CREATED:
        return None
    standing = payment.joined.get(_subject(payment, operation, attempt))
    if standing is None or standing.status == "unknown":
        return None
    if operation.kind == Kind.CONFIRM and standing.status == "pending":
        return None
    if operation.kind == Kind.CREATE:
        return Status.NOT_EXECUTED if standing.status == "not_executed" else Status.DONE
    return OUTCOMES.get(standing.status, Status.DONE)


def _subject(
    payment: Payment, operation: ProviderOperation, attempt: PaymentAttempt
) -> tuple[str, str]:
    if operation.kind == Kind.REFUND:
        refund = next(row for row in payment.refunds if row.pk == operation.refund_id)
        return lifecycle.REFUND, refund.public_id
    if operation.kind == Kind.CAPTURE and operation.capture_id:
        return lifecycle.CAPTURE, payment.capture_by_id(operation.capture_id).public_id
    if operation.kind == Kind.CANCEL:
        rows = payment.cancellations
        row = next(row for row in rows if row.pk == operation.cancellation_id)
        return lifecycle.CANCELLATION, row.public_id
    return lifecycle.ATTEMPT, attempt.public_id


def settle_sessions(payment: Payment) -> None:
    """Move sessions on: paid where their attempt holds money, closed where nothing can come.

    Once nothing is left to pay, a still-open sibling is closed too.
    """
    is_covered = payment.intent.left_to_pay.minor == 0
    for session in payment.sessions:
        attempts = [a for a in payment.attempts if a.session_id == session.pk]
        if session.status == Session.PAID:
            continue
        if any(a.captured or a.capturable for a in attempts):
            _move(payment, session, Session.PAID)
        elif session.status == Session.OPEN and is_covered:
            close(payment, session)
        elif session.status == Session.CLOSING and not _may_still_be_paid(attempts):
            _move(payment, session, Session.CLOSED)


def close(payment: Payment, session: CheckoutSession) -> None:
    """Close a session: at once where the customer never reached a provider's page.

    Else it is `closing`, and closing the page at the provider is a queued operation. What is
    being charged is not asked to stop: how that ends closes the session.
    """
    attempts = [a for a in payment.attempts if a.session_id == session.pk]
    live = [a for a in attempts if a.is_live and a.status in UNDER_WAY]
    _move(payment, session, Session.CLOSING if live else Session.CLOSED)
    # At once: another way to pay may be opened only where this one is written as not open.
    payment.flush()
    for attempt in live:
        if not payment.is_being_charged(attempt):
            ask_to_close(payment, attempt)


def close_open(payment: Payment) -> None:
    """Close whatever is open of a payment."""
    for session in payment.sessions:
        if session.status == Session.OPEN:
            close(payment, session)


def ask_to_close(payment: Payment, attempt: PaymentAttempt) -> ProviderOperation:
    """Reserve the closing of an attempt's page, or return the one that is under way."""
    for operation in payment.open_operations:
        if operation.kind == Kind.CLOSE_SESSION and operation.attempt_id == attempt.pk:
            return operation
    operation = reserve(Kind.CLOSE_SESSION, attempt=attempt)
    payment.open_operations.append(operation)
    return operation


def refuse_open_page(payment: Payment, *, confirmed: bool = False) -> None:
    """Raise LinkStillPayable, with the local time, while an old page can still be paid.

    Not where it was confirmed that something takes its place all the same.
    """
    closing = [s for s in payment.sessions if s.status == Session.CLOSING]
    if closing and not confirmed:
        ends = [a.page_expires_at for a in payment.attempts if a.is_live and a.page_expires_at]
        raise LinkStillPayable(until=max(ends, default=closing[-1].expires_at))


def _may_still_be_paid(attempts: list[PaymentAttempt]) -> bool:
    return any(a.is_live and a.status in UNDER_WAY for a in attempts)


def _move(payment: Payment, session: CheckoutSession, status: Session) -> None:
    payment.change(session, status=status, ended_at=timezone.now())
