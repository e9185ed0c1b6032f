"""What exactly an operation asks of a keypad gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from core import rows
from crm.models import Call
from payments.keypads.base import CONFIRMATION, CaptureAct, Field, FindCapture, StartCapture
from payments.models import CheckoutSession, Keypad, ProviderOperation
from payments.registry import keypad_class, keypad_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from payments.keypads.base import KeypadManifest
    from payments.models import PaymentAttempt
    from payments.providers.base import Absent, Reference, Snapshot

Kind = ProviderOperation.Kind
NOT_ASKED = (ProviderOperation.Status.NOT_EXECUTED, ProviderOperation.Status.DECLINED)
HEARD_BY_KEYPAD = (Kind.PUSH, Kind.ASK, Kind.CONFIRM, Kind.CLOSE_SESSION)


def follow(sessions: Iterable[CheckoutSession]) -> None:
    """Read the keypads and calls of sessions that have them."""
    heard = [one for one in sessions if one.keypad_id is not None]
    rows.follow(heard, "keypad", Keypad)
    rows.follow(heard, "call", Call)


def is_heard(operation: ProviderOperation) -> bool:
    """Whether an operation goes to a keypad: money that was charged is the provider's business."""
    return hears(operation.attempt) and operation.kind in HEARD_BY_KEYPAD


def hears(attempt: PaymentAttempt) -> bool:
    """Whether the card of an attempt is keyed on a phone."""
    return attempt.session is not None and attempt.session.keypad_id is not None


def manifest_of(attempt: PaymentAttempt) -> KeypadManifest:
    return keypad_class(_keypad(attempt).kind).manifest


def is_confirmed(names: Sequence[Reference]) -> bool:
    """Whether the payment provider can find what the gateway had it charge."""
    return any(one.kind == CONFIRMATION for one in names)


def of(
    operation: ProviderOperation, names: Sequence[Reference]
) -> tuple[Callable[[Any], Snapshot], object]:
    """Return the gateway's method and the request for an operation, equal at every repeat.

    What comes after the charge is the payment provider's own, and never comes here.
    """
    attempt = operation.attempt
    gateway = keypad_for(_keypad(attempt))
    if operation.kind == Kind.PUSH:
        start = StartCapture(
            key=operation.key,
            attempt_id=attempt.public_id,
            call=_call(attempt),
            amount=operation.money,
            description=operation.intent.description,
            callback_url=callback_url(operation),
        )
        return gateway.start, start
    acts: dict[str, Callable[[CaptureAct], Snapshot]] = {
        Kind.ASK: gateway.ask,
        Kind.CONFIRM: gateway.confirm,
        Kind.CLOSE_SESSION: gateway.cancel,
    }
    act = CaptureAct(
        key=operation.key,
        attempt_id=attempt.public_id,
        call=_call(attempt),
        reference=_name(attempt, names),
        amount=operation.money,
        callback_url=callback_url(operation),
        field=Field(operation.field) if operation.field else None,
    )
    return acts[operation.kind], act


def finder_of(
    attempt: PaymentAttempt, names: Sequence[Reference]
) -> Callable[[], Snapshot | Absent]:
    """Return what looks how the capture of an attempt stands, at its gateway."""
    asked = ProviderOperation.objects.filter(attempt=attempt, kind=Kind.CONFIRM)
    request = FindCapture(
        attempt_id=attempt.public_id,
        call=_call(attempt),
        reference=_name(attempt, names),
        amount=attempt.money,
        was_confirmed=asked.exclude(status__in=NOT_ASKED).exists(),
    )
    keypad = _keypad(attempt)
    return lambda: keypad_for(keypad).find(request)


def callback_url(operation: ProviderOperation) -> str:
    """Where the gateway tells what comes of an operation: each has an address of its own."""
    keypad = _keypad(operation.attempt)
    path = reverse("payments:keypad-news", args=[keypad.public_id, operation.public_id])
    return f"{settings.PUBLIC_URL}{path}"


def _keypad(attempt: PaymentAttempt) -> Keypad:
    if attempt.session is None or attempt.session.keypad is None:
        raise ValueError("the attempt has no keypad")
    return attempt.session.keypad


def _call(attempt: PaymentAttempt) -> str:
    session = attempt.session
    return session.call.external_id if session is not None and session.call is not None else ""


def _name(attempt: PaymentAttempt, names: Sequence[Reference]) -> str:
    wanted = manifest_of(attempt).names
    return next((one.value for one in names if one.kind == wanted), "")
