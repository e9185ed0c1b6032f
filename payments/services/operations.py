"""Sending what was reserved, and recording the answer, the refusal or the silence.

Reserve, send, apply: an operation is committed before the provider is called, no network
call happens inside a transaction, and a lost answer makes it `unknown`, never failed.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from django.db import connection
from django.db.models import F
from django.utils import timezone

from core import bell, leases, locks
from payments import lifecycle
from payments.models import PaymentEvent, ProviderOperation
from payments.models.events import Source
from payments.providers.errors import (
    OutcomeUnknown,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)
from payments.registry import provider_for
from payments.services import keypad_steps, requests
from payments.services.apply import apply_snapshot, conclude
from payments.services.facts import own_event
from payments.services.payment import Payment, in_one_transaction, lock_payment
from payments.services.talking import in_lanes

logger = logging.getLogger(__name__)

Status = ProviderOperation.Status
Kind = ProviderOperation.Kind

LEASE_S = 60
BATCH = 20
WAITING = "status = 'created' AND send_at <= now() AND send_until > now()"
FIRST_RESOLVE = timedelta(seconds=5)
NEXT_TRY = timedelta(seconds=20)
UNHEALTHY_FOR = timedelta(seconds=30)


def claim(*, limit: int = BATCH) -> list[ProviderOperation]:
    """Take operations that wait to be sent, one sender each for the length of a lease."""
    ids = leases.claim(ProviderOperation, WAITING, {}, limit=limit, seconds=LEASE_S)
    return requests.read_operations(ids)


def claim_one(operation_id: int) -> ProviderOperation | None:
    """Take one operation for a caller who waits, unless another sender has it."""
    where = "id = %(id)s AND status = 'created' AND send_until > now()"
    ids = leases.claim(ProviderOperation, where, {"id": operation_id}, limit=1, seconds=LEASE_S)
    return next(iter(requests.read_operations(ids)), None)


def mark_sent(operation: ProviderOperation) -> bool:
    """Commit that the operation leaves now. False where our lease or its time ran out."""
    now = timezone.now()
    marked = ProviderOperation.objects.filter(
        pk=operation.pk,
        status__in=(Status.CREATED, Status.UNKNOWN),
        lease_token=operation.lease_token,
        lease_until__gt=now,
        send_until__gt=now,
    ).update(
        status=Status.SENT,
        first_sent_at=operation.first_sent_at or now,
        last_sent_at=now,
        sends=F("sends") + 1,
        has_lost_answer=operation.status == Status.UNKNOWN or operation.has_lost_answer,
    )
    return bool(marked)


def send(operation: ProviderOperation) -> None:
    """Carry out one claimed operation. Safe to repeat: its key never changes.

    Never call this inside a transaction: the provider can take seconds to answer.
    """
    locks.assert_no_transaction()
    call, request = requests.of(provider_for(operation.account), operation)
    if not mark_sent(operation):
        return
    try:
        snapshot = call(request)
    except ProviderError as error:
        record_error(operation.pk, error)
    except Exception as error:  # An adapter's own mistake: the request may have gone out.
        logger.exception("adapter failed", extra={"operation": operation.public_id})
        record_error(operation.pk, OutcomeUnknown(str(error), code="adapter_error"))
    else:
        apply_snapshot(account=operation.account, snapshot=snapshot, source=Source.API)


@in_one_transaction
def record_error(operation_id: int, error: ProviderError) -> None:
    """Record that the provider did not do it, or may have.

    The question is asked over all sends: after one send without an answer, any refusal or
    error of a repeat leaves the operation unknown.
    """
    intent_id = ProviderOperation.objects.values_list("intent_id", flat=True).get(pk=operation_id)
    payment = lock_payment(intent_id)
    operation = next((o for o in payment.open_operations if o.pk == operation_id), None)
    if operation is None or operation.status != Status.SENT:
        return
    operation.error_code = error.code[:80] or type(error).__name__
    operation.lease_token = None
    operation.lease_until = None
    if isinstance(error, OutcomeUnknown) or operation.has_lost_answer:
        _becomes_unknown(payment, operation)
    elif isinstance(error, ProviderUnavailable) and _can_be_sent_again(operation):
        operation.status = Status.CREATED
        operation.send_at = timezone.now() + NEXT_TRY
    else:
        _not_carried_out(payment, operation, error)
    if isinstance(error, ProviderUnavailable):
        account = operation.account
        account.unavailable_until = timezone.now() + UNHEALTHY_FOR
        account.save(update_fields=["unavailable_until"])
    operation.save()
    conclude(payment)


def _can_be_sent_again(operation: ProviderOperation) -> bool:
    return (
        operation.kind not in requests.WHERE_CUSTOMER_WAITS
        and timezone.now() + NEXT_TRY < operation.send_until
    )


def _becomes_unknown(payment: Payment, operation: ProviderOperation) -> None:
    operation.status = Status.UNKNOWN
    operation.has_lost_answer = True
    operation.resolve_at = timezone.now() + FIRST_RESOLVE
    if operation.kind == Kind.CREATE:
        _let_go_of_lost_page(payment, operation)
    elif operation.kind not in (Kind.CLOSE_SESSION, Kind.ASK):
        payment.add([own_fact(operation, "unknown", Source.API)])


def _let_go_of_lost_page(payment: Payment, operation: ProviderOperation) -> None:
    """A lost page blocks nothing: only we would have shown its address."""
    attempt = payment.attempt_by_id(operation.attempt_id)
    attempt.superseded_at = timezone.now()
    attempt.save(update_fields=["superseded_at"])


def _not_carried_out(payment: Payment, operation: ProviderOperation, error: ProviderError) -> None:
    """The provider refused, or was never reached: nothing moved and nothing will."""
    was_refused = isinstance(error, ProviderRejected)
    operation.status = Status.DECLINED if was_refused else Status.NOT_EXECUTED
    operation.resolve_at = None
    payment.open_operations.remove(operation)
    _tell_not_carried_out(payment, operation, Source.API)


def _tell_not_carried_out(payment: Payment, operation: ProviderOperation, source: Source) -> None:
    """What was only asked of a keypad leaves the attempt as it is: it can be asked again."""
    if operation.kind in (Kind.ASK, Kind.CONFIRM):
        session = payment.session_of(payment.attempt_by_id(operation.attempt_id))
        if session is not None:
            status = f"{operation.kind}_refused"
            cause, code = operation.public_id, operation.error_code
            detail = {"field": operation.field}
            payment.add_step(
                keypad_steps.step(session, status, cause=cause, code=code, detail=detail)
            )
    elif operation.kind != Kind.CLOSE_SESSION:
        event = own_fact(operation, "not_executed", source)
        event.code = operation.error_code
        payment.add([event])


def own_fact(operation: ProviderOperation, status: str, source: Source) -> PaymentEvent:
    """Return the unsaved fact, without an amount, that an operation's subject has a status."""
    return own_event(
        intent_id=operation.intent_id,
        account_id=operation.account_id,
        subject=subject_of(operation),
        status=status,
        source=source,
        currency=operation.currency,
        cause=operation.public_id,
    )


def subject_of(operation: ProviderOperation) -> tuple[str, str]:
    """Return (kind, public id) of what the operation was to bring about."""
    if operation.refund is not None:
        return lifecycle.REFUND, operation.refund.public_id
    if operation.capture is not None:
        return lifecycle.CAPTURE, operation.capture.public_id
    if operation.cancellation is not None:
        return lifecycle.CANCELLATION, operation.cancellation.public_id
    return lifecycle.ATTEMPT, operation.attempt.public_id


@in_one_transaction
def give_up_unsent(operation_id: int) -> None:
    """Close an operation that reached nobody and whose time is over: nothing can have moved.

    It may have been tried: while the provider could not be reached, it waited to be sent again.
    """
    intent_id = ProviderOperation.objects.values_list("intent_id", flat=True).get(pk=operation_id)
    payment = lock_payment(intent_id)
    operation = next((o for o in payment.open_operations if o.pk == operation_id), None)
    if operation is None or operation.status != Status.CREATED or operation.has_lost_answer:
        return
    if operation.send_until > timezone.now():
        return
    operation.status = Status.NOT_EXECUTED
    operation.save(update_fields=["status"])
    payment.open_operations.remove(operation)
    _tell_not_carried_out(payment, operation, Source.CLOCK)
    conclude(payment)


@in_one_transaction
def lose_answer(operation_id: int) -> None:
    """A sender took the operation and never came back: its outcome is unknown."""
    intent_id = ProviderOperation.objects.values_list("intent_id", flat=True).get(pk=operation_id)
    payment = lock_payment(intent_id)
    operation = next((o for o in payment.open_operations if o.pk == operation_id), None)
    if operation is None or operation.status != Status.SENT:
        return
    if operation.lease_until is not None and operation.lease_until > timezone.now():
        return
    _becomes_unknown(payment, operation)
    operation.save()
    conclude(payment)


def drain() -> int:
    """Send what waits to be sent, accounts side by side. Safe to run twice, at once, or late."""
    sent = 0
    for batch in bell.answer("operations", claim):
        for _ in in_lanes([(one.account, partial(_send_in_lane, one)) for one in batch]):
            sent += 1
    return sent


def _send_in_lane(operation: ProviderOperation) -> None:
    """Send, and keep no connection: a lane is wider than it mostly needs to be."""
    try:
        send_apart(operation)
    finally:
        connection.close()


def send_apart(operation: ProviderOperation) -> None:
    """Send an operation in a thread of its own, with a database connection of its own.

    What goes wrong is logged and left to the sweep, so that nobody else's money waits.
    """
    try:
        send(operation)
    except Exception:  # The row stays: its lease runs out and the sweep finds it.
        logger.exception("not sent", extra={"operation": operation.public_id})
