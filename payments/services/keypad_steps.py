"""The steps of a card that is keyed on a phone, and which field is asked for next.

Steps tell how it goes and never change money. What is asked for follows from them, whoever
brought them, so that nobody needs to remember it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payments.keypads import progress
from payments.models import CheckoutSession, PaymentAttempt, PaymentEvent, ProviderOperation
from payments.models.events import Source
from payments.registry import keypad_class
from payments.services.facts import own_event
from payments.services.reserving import reserve

if TYPE_CHECKING:
    from core.models import User
    from payments.keypads.progress import KeypadProgress
    from payments.services.payment import Payment

Kind = ProviderOperation.Kind
STARTED = "started"
BUSY = (Kind.PUSH, Kind.ASK, Kind.CONFIRM, Kind.CLOSE_SESSION)


def progress_of(session: CheckoutSession, attempt: PaymentAttempt) -> KeypadProgress:
    """Where the customer is at the keypad, in this try."""
    rows = PaymentEvent.objects.filter(
        intent=session.intent_id, subject_kind="session", subject_id=session.public_id
    )
    steps: list[tuple[str, str, int, str]] = []
    for status, detail, code in rows.order_by("pk").values_list("status", "detail", "code"):
        if status == STARTED and detail.get("attempt") == attempt.public_id:
            steps.clear()
        elif status in progress.STEPS:
            steps.append((status, detail.get("field", ""), detail.get("digits", 0), code))
    return progress.read(fields_of(session), steps)


def fields_of(session: CheckoutSession) -> list[str]:
    """What the gateway of a session has the customer key."""
    if session.keypad is None:
        return []
    return [field.value for field in keypad_class(session.keypad.kind).manifest.fields]


def live_attempt(payment: Payment, session: CheckoutSession) -> PaymentAttempt | None:
    own = (a for a in payment.attempts if a.session_id == session.pk and a.is_live)
    return next(own, None)


def ask_next(payment: Payment) -> None:
    """Ask for the field that comes next, where a keypad listens and nothing is asked of it."""
    for session in payment.sessions:
        if session.kind != CheckoutSession.Kind.KEYPAD or session.status != "open":
            continue
        attempt = live_attempt(payment, session)
        if attempt is None or not _listens(payment, attempt):
            continue
        if name := progress_of(session, attempt).next_to_ask():
            ask(payment, session, attempt, name)


def ask(
    payment: Payment,
    session: CheckoutSession,
    attempt: PaymentAttempt,
    name: str,
    actor: User | None = None,
) -> None:
    """Reserve the asking for a field, and tell it. By a person's wish it is asked again."""
    operation = reserve(Kind.ASK, attempt=attempt, field=name)
    payment.open_operations.append(operation)
    status = "asked" if actor is None else "asked_again"
    payment.add_step(
        step(session, status, cause=operation.public_id, detail={"field": name}, actor=actor)
    )


def is_busy(payment: Payment, attempt: PaymentAttempt) -> bool:
    """Whether something was asked of the keypad that has no answer yet."""
    own = (one for one in payment.open_operations if one.attempt_id == attempt.pk)
    return any(one.kind in BUSY for one in own)


def step(
    session: CheckoutSession,
    status: str,
    *,
    cause: str = "",
    code: str = "",
    detail: dict[str, Any] | None = None,
    actor: User | None = None,
) -> PaymentEvent:
    """Return an unsaved step of a keypad's session. `detail` never holds what was keyed."""
    event = own_event(
        intent_id=session.intent_id,
        account_id=None,
        subject=("session", session.public_id),
        status=status,
        source=Source.GATEWAY,
        cause=cause,
        detail={"kind": session.kind, "fields": fields_of(session), **(detail or {})},
        actor=actor,
    )
    event.code = code
    return event


def _listens(payment: Payment, attempt: PaymentAttempt) -> bool:
    """Whether the gateway has said that it listens, and waits for us."""
    standing = payment.joined.get(("attempt", attempt.public_id))
    is_listening = standing is not None and standing.status == "pending"
    return is_listening and not is_busy(payment, attempt)
