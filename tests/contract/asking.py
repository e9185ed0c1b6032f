"""Requests with boring values, each with ids and keys of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from core.money import Money
from payments.providers.base import (
    CancelRequest,
    CaptureRequest,
    ChargeSavedMethod,
    CloseCheckout,
    CreateCheckout,
    FetchRequest,
    FindRequest,
    OperationKind,
    RefundRequest,
    Snapshot,
)

if TYPE_CHECKING:
    from tests.contract.rigs import Rig

_numbers = count(1)
_run = datetime.now(UTC).strftime("%H%M%S%f")


def new_id(prefix: str) -> str:
    return f"{prefix}_{_run}{next(_numbers)}"


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def checkout(**changes: Any) -> CreateCheckout:
    values: dict[str, Any] = {
        "key": new_id("key"),
        "attempt_id": new_id("pat"),
        "amount": euros(5_000),
        "method": "card",
        "description": "Lasku 20533",
        "language": "fi",
        "return_url": "https://kuitti.example/return",
        "cancel_url": "https://kuitti.example/cancel",
        "expires_at": datetime.now(UTC) + timedelta(hours=2),
        "customer_email": "asiakas@example.fi",
    }
    return CreateCheckout(**(values | changes))


def charge(rig: Rig, *, declines: bool = False, **changes: Any) -> ChargeSavedMethod:
    token, customer = rig.saved_method(declines=declines)
    values: dict[str, Any] = {
        "key": new_id("key"),
        "attempt_id": new_id("pat"),
        "amount": euros(5_000),
        "token": token,
        "customer_token": customer,
        "description": "Lasku 20533",
        "is_off_session": True,
    }
    return ChargeSavedMethod(**(values | changes))


def capture(snapshot: Snapshot, amount: int) -> CaptureRequest:
    return CaptureRequest(
        key=new_id("key"),
        capture_id=new_id("cap"),
        attempt_id=snapshot.attempt.our_id,
        references=snapshot.attempt.references,
        amount=euros(amount),
    )


def cancel(snapshot: Snapshot, amount: int) -> CancelRequest:
    return CancelRequest(
        key=new_id("key"),
        cancellation_id=new_id("can"),
        attempt_id=snapshot.attempt.our_id,
        references=snapshot.attempt.references,
        amount=euros(amount),
    )


def refund(snapshot: Snapshot, amount: int, **changes: Any) -> RefundRequest:
    values: dict[str, Any] = {
        "key": new_id("key"),
        "refund_id": new_id("rfd"),
        "attempt_id": snapshot.attempt.our_id,
        "references": snapshot.attempt.references,
        "capture_references": snapshot.captures[0].references,
        "amount": euros(amount),
        "reason": "Asiakas palautti tuotteen",
    }
    return RefundRequest(**(values | changes))


def close(snapshot: Snapshot) -> CloseCheckout:
    return CloseCheckout(
        key=new_id("key"),
        attempt_id=snapshot.attempt.our_id,
        references=snapshot.attempt.references,
    )


def find(kind: OperationKind, request: Any, subject_id: str) -> FindRequest:
    return FindRequest(
        kind=kind,
        key=request.key,
        attempt_id=request.attempt_id,
        subject_id=subject_id,
        references=getattr(request, "references", ()),
        amount=getattr(request, "amount", euros(0)),
        sent_at=datetime.now(UTC),
    )


def fetched(rig: Rig, snapshot: Snapshot) -> Snapshot:
    """Read an attempt again. Fails where the provider does not know it."""
    found = rig.provider.fetch(FetchRequest(snapshot.attempt.our_id, snapshot.attempt.references))
    assert isinstance(found, Snapshot)
    return found


def charged(rig: Rig, amount: int = 5_000, **changes: Any) -> Snapshot:
    """Return a payment that is captured, by a saved method: every rig has those."""
    request = charge(rig, amount=euros(amount), **changes)
    return rig.provider.charge_saved_method(request)


def paid_page(rig: Rig, **changes: Any) -> Snapshot:
    """Return a payment that its customer has made on a hosted page."""
    opened = rig.provider.create_checkout(checkout(**changes))
    rig.pay(opened)
    return fetched(rig, opened)
