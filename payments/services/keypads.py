"""Cards that a customer keys on the phone: the gateway hears the digits, never we or the agent.

It belongs to a call that is on the line, whose recording is paused, or is promised by the gateway
to hold no digits (PCI DSS 3.3.1.2). Nothing is charged before a person says so.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from core import audit, rows
from core.money import Money
from crm.models import Call
from crm.services import calls
from payments import errors
from payments.models import (
    CheckoutSession,
    Keypad,
    PaymentAttempt,
    PaymentIntent,
    ProviderOperation,
)
from payments.registry import keypad_class
from payments.services import accounts, keyed, keypad_steps, links, settling
from payments.services.apply import conclude
from payments.services.payment import Payment, in_one_transaction, lock_payment
from payments.services.reserving import reserve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User

VALID_FOR = timedelta(minutes=15)
METHOD = "card"
FINDABLE = timedelta(hours=1)
Kind = CheckoutSession.Kind


def guard[C: Call](live: Sequence[C], customer_id: int, currency: str) -> tuple[C, Keypad]:
    """Return the call on which the customer may key a card now, and the keypad that hears it.

    Raises NoCallOnRecord, CallOfSomebodyElse, NoKeypadOnCall where nobody hears the customer's
    keys on it, and RecordingNotPaused where any call is recorded and the digits are not masked.
    """
    call = keyed.call_on_line(live, customer_id)
    keypad = next(
        (one for one in taking(currency) if one.phone_system_id == call.phone_system_id), None
    )
    if keypad is None or not _hears(keypad, call):
        raise errors.NoKeypadOnCall
    if not keypad_class(keypad.kind).manifest.masks_tones:
        keyed.refuse_recorded(live)
    return call, keypad


def taking(currency: str) -> list[Keypad]:
    """The keypads whose provider takes cards in a currency, the healthy accounts first."""
    usable = {one.pk: place for place, one in enumerate(accounts.taking_lately(currency))}
    found = [one for one in accounts.keypads_lately() if one.account_id in usable]
    return sorted(found, key=lambda one: usable[one.account_id])


@in_one_transaction
def open_capture(
    *, intent_id: int, actor: User, replaces_open_page: bool = False
) -> PaymentAttempt:
    """Reserve a capture on the call that is on the line. Safe to repeat: one listens at a time.

    Another way to pay that is open closes. Raises what `guard` and `open_link` raise.
    """
    payment = lock_payment(intent_id)
    intent = payment.intent
    live = list(calls.live_calls(actor))
    call, keypad = guard(live, intent.customer_id, intent.currency)
    session = next((one for one in payment.sessions if _is_for(one, call)), None)
    if session is None:
        session = CheckoutSession(
            intent=intent,
            kind=Kind.KEYPAD,
            keypad=keypad,
            is_masked=keypad_class(keypad.kind).manifest.masks_tones,
            call=call,
            language=intent.customer.language,
            opened_at=timezone.now(),
            expires_at=timezone.now() + VALID_FOR,
        )
        links.open_way(payment, session, actor=actor, replaces_open_page=replaces_open_page)
    attempt = keypad_steps.live_attempt(payment, session) or _start(payment, session, actor)
    conclude(payment)
    return attempt


@in_one_transaction
def ask_again(*, intent_id: int, field: str, actor: User) -> None:
    """Have the customer key a field once more. Raises SessionNotOpen, and what `guard` does."""
    payment, session, attempt = _on_call(intent_id, actor)
    if field not in keypad_steps.fields_of(session):
        raise errors.SessionNotOpen
    keypad_steps.ask(payment, session, attempt, field, actor)
    conclude(payment)


@in_one_transaction
def charge(*, intent_id: int, actor: User) -> ProviderOperation:
    """Reserve the charge of what was keyed. Safe to repeat: it is charged once.

    Raises KeypadNotComplete while a field is missing, SessionNotOpen, and what `guard` does.
    """
    payment, session, attempt = _on_call(intent_id, actor)
    confirm = ProviderOperation.Kind.CONFIRM
    for operation in payment.open_operations:
        if operation.kind == confirm and operation.attempt_id == attempt.pk:
            return operation
    if not keypad_steps.progress_of(session, attempt).is_complete:
        raise errors.KeypadNotComplete
    operation = reserve(confirm, attempt=attempt)
    payment.open_operations.append(operation)
    payment.add_step(keypad_steps.step(session, "charging", cause=operation.public_id, actor=actor))
    audit.record(actor, "checkout_session.charged", session, after={"amount": attempt.amount})
    conclude(payment)
    return operation


def stop_ended() -> int:
    """Stop listening on calls that are over. Safe to run twice, at once, or late."""
    over = CheckoutSession.objects.filter(
        kind=Kind.KEYPAD,
        status=CheckoutSession.Status.OPEN,
        call__status__in=(Call.Status.ENDED, Call.Status.FAILED),
    )
    found = list(over.values_list("pk", "intent_id"))
    for session_id, intent_id in found:
        _stop(session_id, intent_id)
    return len(found)


@in_one_transaction
def _stop(session_id: int, intent_id: int) -> None:
    payment = lock_payment(intent_id)
    session = next(one for one in payment.sessions if one.pk == session_id)
    if session.status != CheckoutSession.Status.OPEN:
        return
    settling.close(payment, session)
    payment.add_step(keypad_steps.step(session, "hung_up"))
    conclude(payment)


def _start(payment: Payment, session: CheckoutSession, actor: User) -> PaymentAttempt:
    left = payment.left_to_charge()
    if payment.intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    if left <= 0:
        raise errors.AlreadyBeingPaid(left=Money(0, payment.intent.currency))
    if session.keypad is None:
        raise errors.NoKeypadOnCall
    attempt = PaymentAttempt(
        intent=payment.intent,
        session=session,
        call_id=session.call_id,
        account=session.keypad.account,
        method=METHOD,
        amount=left,
        currency=payment.intent.currency,
        page_expires_at=session.expires_at,
        poll_at=timezone.now() + timedelta(seconds=10),
    )
    rows.insert(attempt)
    payment.attempts.append(attempt)
    push = reserve(ProviderOperation.Kind.PUSH, attempt=attempt)
    payment.open_operations.append(push)
    detail = {"attempt": attempt.public_id}
    payment.add_step(
        keypad_steps.step(
            session, keypad_steps.STARTED, cause=push.public_id, detail=detail, actor=actor
        )
    )
    return attempt


def _on_call(intent_id: int, actor: User) -> tuple[Payment, CheckoutSession, PaymentAttempt]:
    """Lock the payment whose customer keys a card on the actor's call now. Raises `guard`'s."""
    payment = lock_payment(intent_id)
    intent: PaymentIntent = payment.intent
    call, _ = guard(list(calls.live_calls(actor)), intent.customer_id, intent.currency)
    session = next((one for one in payment.sessions if _is_for(one, call)), None)
    attempt = keypad_steps.live_attempt(payment, session) if session is not None else None
    if session is None or attempt is None:
        raise errors.SessionNotOpen
    if intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    return payment, session, attempt


def _is_for(session: CheckoutSession, call: Call) -> bool:
    is_open = session.status == CheckoutSession.Status.OPEN
    in_time = session.expires_at > timezone.now()
    return is_open and in_time and session.kind == Kind.KEYPAD and session.call_id == call.pk


def _hears(keypad: Keypad, call: Call) -> bool:
    is_dialled = call.direction == Call.Direction.OUTBOUND
    return not is_dialled or keypad_class(keypad.kind).manifest.hears_dialled_calls
