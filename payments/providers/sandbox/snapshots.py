"""Reads the sandbox's account of a payment as a snapshot."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.money import Money
from payments.providers.base import (
    BalanceTransaction,
    Decline,
    MethodDetails,
    News,
    Page,
    Reference,
    Snapshot,
    SubjectKind,
)
from payments.providers.errors import OutcomeUnknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ATTEMPT_STATUS = {
    "open": "pending",
    "authorised": "authorised",
    "declined": "declined",
    "expired": "expired",
    "canceled": "canceled",
}
LISTS = {
    SubjectKind.CAPTURE: "captures",
    SubjectKind.CANCELLATION: "cancellations",
    SubjectKind.REFUND: "refunds",
    SubjectKind.DISPUTE: "disputes",
}


def snapshot_of(payment: Mapping[str, Any]) -> Snapshot:
    """Translate one payment. Raises OutcomeUnknown for what cannot be understood."""
    with readable():
        return Snapshot(
            attempt=_attempt(payment),
            captures=_movements(payment, SubjectKind.CAPTURE),
            cancellations=_movements(payment, SubjectKind.CANCELLATION),
            refunds=_movements(payment, SubjectKind.REFUND),
            disputes=_movements(payment, SubjectKind.DISPUTE),
            declines=tuple(
                Decline(refusal["id"], refusal["code"], instant(refusal["created_at"]))
                for refusal in payment["refusals"]
            ),
            step=str(payment.get("step", "")),
            page=_page(payment),
            method=_method(payment),
        )


def line_of(line: Mapping[str, Any]) -> BalanceTransaction:
    """Translate one line of the account. Raises OutcomeUnknown for what cannot be understood."""
    with readable():
        currency = line["currency"]
        return BalanceTransaction(
            reference=line["id"],
            kind=line["kind"],
            amount=Money(line["amount"], currency),
            fee=Money(line["fee"], currency),
            net=Money(line["net"], currency),
            source=Reference(line["source_kind"], line["source"]),
            available_at=instant(line["created_at"]),
            payout=line["payout"],
        )


@contextmanager
def readable() -> Iterator[None]:
    """Take an answer of an unexpected shape for what it is: no usable answer."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise OutcomeUnknown("The answer cannot be read.") from error


def instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _attempt(payment: Mapping[str, Any]) -> News:
    return News(
        kind=SubjectKind.ATTEMPT,
        status=ATTEMPT_STATUS[payment["status"]],
        amount=Money(payment["amount"], payment["currency"]),
        references=(Reference("payment", payment["id"]),),
        our_id=payment["our_id"],
        version=payment["version"],
        code=payment["code"],
        occurred_at=instant(payment["changed_at"]),
    )


def _movements(payment: Mapping[str, Any], kind: SubjectKind) -> tuple[News, ...]:
    return tuple(_movement(kind, movement) for movement in payment[LISTS[kind]])


def _movement(kind: SubjectKind, movement: Mapping[str, Any]) -> News:
    capture = movement["capture"]
    return News(
        kind=kind,
        status=movement["status"],
        amount=Money(movement["amount"], movement["currency"]),
        references=(Reference(kind.value, movement["id"]),),
        our_id=movement["our_id"],
        parent=Reference("capture", capture) if capture else None,
        version=movement["version"],
        code=movement["code"],
        reason=movement["code"] if kind is SubjectKind.DISPUTE else "",
        occurred_at=instant(movement["changed_at"]),
    )


def _page(payment: Mapping[str, Any]) -> Page | None:
    if not payment["page_url"]:
        return None
    return Page(payment["page_url"], instant(payment["expires_at"]))


def _method(payment: Mapping[str, Any]) -> MethodDetails | None:
    if payment["status"] not in {"authorised", "declined"}:
        return None
    return MethodDetails(
        method=payment["method"],
        brand=payment["brand"],
        last4=payment["last4"],
        expires=payment["expires"],
        token=payment["token"],
        customer_token=payment["customer"],
    )
