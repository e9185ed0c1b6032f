"""What exactly an operation asks of its provider."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from core import rows
from payments.models import (
    Cancellation,
    Capture,
    CheckoutSession,
    PaymentAttempt,
    PaymentIntent,
    PaymentMethod,
    ProviderAccount,
    ProviderOperation,
    Refund,
    Terminal,
)
from payments.providers.base import (
    CancelRequest,
    CaptureRequest,
    ChargeSavedMethod,
    ClearTerminal,
    CloseCheckout,
    CreateCheckout,
    Entry,
    FetchRequest,
    FindRequest,
    OperationKind,
    PushToTerminal,
    Reference,
    RefundRequest,
)
from payments.registry import provider_class, provider_for
from payments.services import keypad_requests as keypads
from payments.services.reserving import WHERE_CUSTOMER_WAITS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from payments.keypads.base import KeypadManifest
    from payments.providers.base import (
        Absent,
        Lookup,
        Manifest,
        Provider,
        Snapshot,
        SubjectKind,
    )

__all__ = ["WHERE_CUSTOMER_WAITS", "find_request", "of", "read_operations"]

REFERENCES = """
    SELECT kind, reference FROM payments_providerreference
     WHERE attempt_id = %s AND subject_id = %s ORDER BY id
"""
LONGEST_PAGE = timedelta(hours=24)


def read_operations(ids: Sequence[int]) -> list[ProviderOperation]:
    """Read operations with what their requests are made of, one table after the other.

    A join of these tables takes PostgreSQL 25 ms to plan, and most of them stay empty.
    """
    found = rows.read(ProviderOperation, rows.BY_IDS, [list(ids)]) if ids else []
    attempts = rows.follow(found, "attempt", PaymentAttempt)
    rows.follow(found, "account", ProviderAccount)
    rows.follow(found, "intent", PaymentIntent)
    rows.follow(found, "capture", Capture)
    rows.follow(found, "cancellation", Cancellation)
    rows.follow(rows.follow(found, "refund", Refund), "capture", Capture)
    sessions = rows.follow(attempts, "session", CheckoutSession)
    keypads.follow(sessions)
    rows.follow(sessions, "terminal", Terminal)
    rows.follow(attempts, "saved_method", PaymentMethod)
    return found


def of(
    provider: Provider, operation: ProviderOperation
) -> tuple[Callable[[Any], Snapshot], object]:
    """Return the method of the provider, or of its keypad, and the request for an operation.

    The same operation gives an equal request at every repeat: nothing in it is of the
    moment but what was stored when it was reserved.
    """
    if keypads.is_heard(operation):
        return keypads.of(operation, references_of(operation.attempt))
    if (terminal := _terminal_of(operation)) is not None:
        return _at_terminal(provider, operation, terminal)
    kind = ProviderOperation.Kind
    table: dict[str, tuple[Callable[[Any], Snapshot], Callable[[ProviderOperation], object]]] = {
        kind.CREATE: (provider.create_checkout, _create),
        kind.CHARGE: (provider.charge_saved_method, _charge),
        kind.CAPTURE: (provider.capture, _capture),
        kind.CANCEL: (provider.cancel, _cancel),
        kind.REFUND: (provider.refund, _refund),
        kind.CLOSE_SESSION: (provider.close_checkout, _close),
    }
    call, make = table[operation.kind]
    return call, make(operation)


def _terminal_of(operation: ProviderOperation) -> Terminal | None:
    """The terminal that an operation is about: not of what is done with the money afterwards."""
    session = operation.attempt.session
    of_terminal = (ProviderOperation.Kind.PUSH, ProviderOperation.Kind.CLOSE_SESSION)
    return session.terminal if session is not None and operation.kind in of_terminal else None


def _at_terminal(
    provider: Provider, operation: ProviderOperation, terminal: Terminal
) -> tuple[Callable[[Any], Snapshot], object]:
    attempt = operation.attempt
    if operation.kind == ProviderOperation.Kind.PUSH:
        push = PushToTerminal(
            key=operation.key,
            attempt_id=attempt.public_id,
            amount=operation.money,
            terminal=terminal.reference,
            description=operation.intent.description,
        )
        return provider.push_to_terminal, push
    clear = ClearTerminal(
        key=operation.key,
        attempt_id=attempt.public_id,
        references=references_of(attempt),
        terminal=terminal.reference,
    )
    return provider.clear_terminal, clear


def looker_of(operation: ProviderOperation) -> Callable[[], Snapshot | Absent]:
    """Return what looks for the trace of an operation, at whom it was sent to."""
    if keypads.is_heard(operation):
        return keypads.finder_of(operation.attempt, references_of(operation.attempt))
    return partial(provider_for(operation.account).find, find_request(operation))


def lookup_of(operation: ProviderOperation) -> Lookup:
    """How the trace of an operation is looked for."""
    return _manifest_of(operation).lookup


def settled_after_s(operation: ProviderOperation) -> int:
    """How long after it was sent the word that there is no trace can be trusted."""
    manifest = _manifest_of(operation)
    return manifest.consistent_after_s + manifest.longest_request_s


def echoes_of(operation: ProviderOperation) -> frozenset[SubjectKind]:
    """Which subjects bear our id whenever the provider speaks of them."""
    return provider_class(operation.account.kind).manifest.echoes


def _manifest_of(operation: ProviderOperation) -> Manifest | KeypadManifest:
    if keypads.is_heard(operation):
        return keypads.manifest_of(operation.attempt)
    return provider_class(operation.account.kind).manifest


def reader_of(attempt: PaymentAttempt) -> Callable[[], Snapshot | Absent]:
    """Return what reads an attempt: its keypad, until the provider has heard of it.

    What is returned needs no database: it may run in any thread. Only there an account that
    cannot be asked is found out, so that it does not stop the others of a batch.
    """
    names = references_of(attempt)
    if keypads.hears(attempt) and not keypads.is_confirmed(names):
        return keypads.finder_of(attempt, names)
    account, request = attempt.account, FetchRequest(attempt.public_id, names)
    return lambda: provider_for(account).fetch(request)


def find_request(operation: ProviderOperation) -> FindRequest:
    """Return the request that looks for the trace of an operation."""
    return FindRequest(
        kind=OperationKind(operation.kind),
        key=operation.key,
        attempt_id=operation.attempt.public_id,
        subject_id=operation.subject.public_id,
        references=references_of(operation.attempt),
        amount=operation.money,
        sent_at=operation.first_sent_at or operation.created_at,
    )


def references_of(attempt: PaymentAttempt, subject: str = "") -> tuple[Reference, ...]:
    """Return the provider's names of an attempt, or of one subject under it."""
    found = rows.select(REFERENCES, [attempt.pk, subject or attempt.public_id])
    return tuple(Reference(kind, value) for kind, value in found)


def _create(operation: ProviderOperation) -> CreateCheckout:
    attempt, session = operation.attempt, operation.attempt.session
    if session is None:
        raise ValueError("a hosted page needs a session")
    back = settings.PUBLIC_URL.rstrip("/") + reverse("payments:back", args=[attempt.public_id])
    is_keyed = session.kind == CheckoutSession.Kind.KEYED
    return CreateCheckout(
        key=operation.key,
        attempt_id=attempt.public_id,
        amount=operation.money,
        method=attempt.method,
        description=operation.intent.description,
        language=session.language,
        return_url=back,
        cancel_url=back + "?left=1",
        expires_at=attempt.page_expires_at or timezone.now() + LONGEST_PAGE,
        save_method=attempt.saves_method,
        manual_capture=operation.intent.is_manual_capture,
        entry=Entry.KEYED if is_keyed else Entry.CUSTOMER,
    )


def _charge(operation: ProviderOperation) -> ChargeSavedMethod:
    attempt = operation.attempt
    saved = attempt.saved_method
    if saved is None:
        raise ValueError("a charge needs a saved method")
    return ChargeSavedMethod(
        key=operation.key,
        attempt_id=attempt.public_id,
        amount=operation.money,
        token=saved.token["token"],
        customer_token=saved.token.get("customer_token", ""),
        description=operation.intent.description,
        is_off_session=attempt.is_off_session,
    )


def _capture(operation: ProviderOperation) -> CaptureRequest:
    capture = operation.capture
    if capture is None:
        raise ValueError("the operation has no capture")
    return CaptureRequest(
        key=operation.key,
        capture_id=capture.public_id,
        attempt_id=operation.attempt.public_id,
        references=references_of(operation.attempt),
        amount=operation.money,
    )


def _cancel(operation: ProviderOperation) -> CancelRequest:
    cancellation = operation.cancellation
    if cancellation is None:
        raise ValueError("the operation has no cancellation")
    return CancelRequest(
        key=operation.key,
        cancellation_id=cancellation.public_id,
        attempt_id=operation.attempt.public_id,
        references=references_of(operation.attempt),
        amount=operation.money,
    )


def _refund(operation: ProviderOperation) -> RefundRequest:
    refund = operation.refund
    if refund is None:
        raise ValueError("the operation has no refund")
    return RefundRequest(
        key=operation.key,
        refund_id=refund.public_id,
        attempt_id=operation.attempt.public_id,
        references=references_of(operation.attempt),
        capture_references=references_of(operation.attempt, refund.capture.public_id),
        amount=operation.money,
        reason=refund.reason,
    )


def _close(operation: ProviderOperation) -> CloseCheckout:
    return CloseCheckout(
        key=operation.key,
        attempt_id=operation.attempt.public_id,
        references=references_of(operation.attempt),
    )
