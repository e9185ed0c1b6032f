"""Reads Stripe's objects as a snapshot. Pure: no network, no clock."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from payments.providers.base import (
    Decline,
    MethodDetails,
    News,
    Page,
    Reference,
    Snapshot,
    SubjectKind,
)
from payments.providers.errors import OutcomeUnknown
from payments.providers.stripe.currencies import money_of
from payments.providers.stripe.parameters import CAPTURE_ID, CHECKOUT, OUR_ID, RAIL, TERMINAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    type Object = Mapping[str, Any]

REFUND_STATUS = {
    "pending": "pending",
    "requires_action": "pending",
    "succeeded": "succeeded",
    "failed": "failed",
    "canceled": "canceled",
}
DISPUTE_STATUS = {
    "warning_needs_response": "needs_response",
    "warning_under_review": "under_review",
    "warning_closed": "won",
    "needs_response": "needs_response",
    "under_review": "under_review",
    "prevented": "won",
    "won": "won",
    "lost": "lost",
}
AUTHORISED = frozenset({"requires_capture", "succeeded"})
AT_WORK = frozenset({"processing", "requires_action", "requires_confirmation"})
STOPPED = frozenset({"requires_payment_method", "canceled"})


def snapshot_of_session(session: Object, disputes: Sequence[Object] = ()) -> Snapshot:
    """Translate a Checkout Session whose `payment_intent` is expanded.

    Stripe makes the PaymentIntent only when the customer confirms; until then there is the
    page alone. Raises OutcomeUnknown for what cannot be understood.
    """
    with readable():
        intent = session.get("payment_intent")
        page = _page(session)
        if not isinstance(intent, dict):
            return Snapshot(attempt=_unpaid(session), page=page)
        return snapshot_of_intent(intent, disputes, session=session)


def snapshot_of_intent(
    intent: Object, disputes: Sequence[Object] = (), *, session: Object | None = None
) -> Snapshot:
    """Translate a PaymentIntent whose `latest_charge.refunds` are expanded.

    Raises OutcomeUnknown for what cannot be understood.
    """
    with readable():
        charge = charge_of(intent)
        return Snapshot(
            attempt=_attempt(intent, charge, session),
            captures=_captures(intent, charge),
            cancellations=_cancellations(intent, charge),
            refunds=tuple(refund_news(one) for one in _money_refunds(charge)),
            disputes=tuple(_dispute(one) for one in disputes),
            declines=() if is_at_terminal(intent) else _declines(intent),
            page=_page(session) if session else None,
            method=_method(intent, charge),
        )


def charge_of(intent: Object) -> Object:
    """Return the expanded charge of a PaymentIntent, or an empty mapping."""
    charge = intent.get("latest_charge")
    return charge if isinstance(charge, dict) else {}


def metadata_of(subject: Object) -> Object:
    return subject.get("metadata") or {}


def is_hosted(intent: Object) -> bool:
    """Say whether the PaymentIntent belongs to a page, which a decline leaves payable."""
    return bool(metadata_of(intent).get(RAIL) == CHECKOUT)


def is_at_terminal(intent: Object) -> bool:
    """Say whether the PaymentIntent's card is read by a terminal: a decline ends that."""
    return bool(metadata_of(intent).get(RAIL) == TERMINAL)


@contextmanager
def readable() -> Iterator[None]:
    """Take an answer of an unexpected shape for what it is: no usable answer."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("The answer cannot be read.") from error


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _unpaid(session: Object) -> News:
    return News(
        kind=SubjectKind.ATTEMPT,
        status={"open": "pending", "expired": "expired", "complete": "pending"}[session["status"]],
        amount=money_of(session["amount_total"], session["currency"]),
        references=(Reference("checkout_session", session["id"]),),
        our_id=session["client_reference_id"] or "",
        occurred_at=instant(session["created"]),
    )


def _attempt(intent: Object, charge: Object, session: Object | None) -> News:
    references = [Reference("payment_intent", intent["id"])]
    if session is not None:
        references.insert(0, Reference("checkout_session", session["id"]))
    if charge.get("status") in {"succeeded", "pending"}:
        references.append(Reference("charge", charge["id"]))
    status = _attempt_status(intent, charge, session)
    return News(
        kind=SubjectKind.ATTEMPT,
        status=status,
        amount=money_of(intent["amount"], intent["currency"]),
        references=tuple(references),
        our_id=metadata_of(intent).get(OUR_ID, ""),
        code=_decline_code(intent) if status == "declined" else "",
        occurred_at=instant(charge.get("created") or intent["created"]),
    )


def _attempt_status(intent: Object, charge: Object, session: Object | None) -> str:
    """Name the status in our words. Raises ValueError for one that is not known here."""
    status = intent["status"]
    was_authorised = charge.get("status") == "succeeded"
    if status in AUTHORISED or (status == "canceled" and was_authorised):
        return "authorised"
    if status in AT_WORK:
        return "pending"
    if status not in STOPPED:
        raise ValueError(f"{status!r} is no status of a PaymentIntent")
    if session is not None and session["status"] == "expired":
        return "expired"
    if status == "canceled":
        return "canceled"
    is_awaited = is_at_terminal(intent) and not intent.get("last_payment_error")
    return "pending" if session is not None or is_hosted(intent) or is_awaited else "declined"


def _captured(intent: Object, charge: Object) -> int:
    if intent["status"] != "succeeded" or not charge.get("captured"):
        return 0
    captured: int = charge.get("amount_captured", charge["amount"])
    return captured


def _captures(intent: Object, charge: Object) -> tuple[News, ...]:
    captured = _captured(intent, charge)
    if not captured:
        return ()
    news = News(
        kind=SubjectKind.CAPTURE,
        status="succeeded",
        amount=money_of(captured, charge["currency"]),
        references=(Reference("capture", charge["id"]),),
        our_id=metadata_of(intent).get(CAPTURE_ID, ""),
        occurred_at=instant(charge["created"]),
    )
    return (news,)


def _cancellations(intent: Object, charge: Object) -> tuple[News, ...]:
    """Say what was let go: all of it, or what a smaller capture left over."""
    is_over = intent["status"] == "canceled" or _captured(intent, charge) > 0
    if charge.get("status") != "succeeded" or not is_over:
        return ()
    released = charge["amount"] - _captured(intent, charge)
    if not released:
        return ()
    news = News(
        kind=SubjectKind.CANCELLATION,
        status="succeeded",
        amount=money_of(released, charge["currency"]),
        references=(Reference("cancellation", charge["id"]),),
    )
    return (news,)


def _money_refunds(charge: Object) -> list[Object]:
    """Leave out the refunds by which Stripe writes down a released authorisation.

    They move no money, and so have no balance transaction.
    """
    refunds = (charge.get("refunds") or {}).get("data", [])
    is_whole = charge.get("captured") and charge.get("amount_captured") in {None, charge["amount"]}
    if is_whole:
        return list(refunds)
    return [
        one for one in refunds if one.get("balance_transaction") or one["status"] != "succeeded"
    ]


def refund_news(refund: Object) -> News:
    return News(
        kind=SubjectKind.REFUND,
        status=REFUND_STATUS[refund["status"]],
        amount=money_of(refund["amount"], refund["currency"]),
        references=(Reference("refund", refund["id"]),),
        our_id=metadata_of(refund).get(OUR_ID, ""),
        parent=Reference("capture", id_of(refund["charge"])),
        code=refund.get("failure_reason") or "",
        occurred_at=instant(refund["created"]),
    )


def _dispute(dispute: Object) -> News:
    is_inquiry = dispute["status"].startswith("warning_") or dispute["status"] == "prevented"
    return News(
        kind=SubjectKind.DISPUTE,
        status=DISPUTE_STATUS[dispute["status"]],
        amount=money_of(0 if is_inquiry else dispute["amount"], dispute["currency"]),
        references=(Reference("dispute", dispute["id"]),),
        parent=Reference("capture", id_of(dispute["charge"])),
        reason=dispute.get("reason") or "",
        occurred_at=instant(dispute["created"]),
    )


def _declines(intent: Object) -> tuple[Decline, ...]:
    error = intent.get("last_payment_error") or {}
    charge = id_of(error.get("charge"))
    if not charge:
        return ()
    return (Decline(charge, _decline_code(intent)),)


def _decline_code(intent: Object) -> str:
    error = intent.get("last_payment_error") or {}
    return str(error.get("decline_code") or error.get("code") or "")


def _page(session: Object) -> Page | None:
    if not session.get("url"):
        return None
    return Page(session["url"], instant(session["expires_at"]))


def _method(intent: Object, charge: Object) -> MethodDetails | None:
    saved = intent.get("payment_method")
    saved = saved if isinstance(saved, dict) else {}
    details = charge.get("payment_method_details") or saved
    method = details.get("type", "")
    if not method:
        return None
    card = details.get(method) or {}
    month, year = card.get("exp_month"), card.get("exp_year")
    is_kept = bool(intent.get("setup_future_usage"))
    return MethodDetails(
        method=method,
        brand=card.get("brand") or "",
        last4=card.get("last4") or "",
        expires=f"{month:02d}/{year % 100:02d}" if month and year else "",
        token=saved.get("id", "") if is_kept else "",
        customer_token=id_of(intent.get("customer")) if is_kept else "",
    )


def id_of(value: Object | str | None) -> str:
    """Return the id of an object, expanded or not."""
    return value["id"] if isinstance(value, dict) else value or ""  # type: ignore[return-value]
