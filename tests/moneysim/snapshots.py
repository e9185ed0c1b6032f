"""What a simulated provider says of a payment."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from core.money import Money
from payments.providers.base import (
    Decline,
    MethodDetails,
    News,
    Page,
    Reference,
    Snapshot,
    SubjectKind,
)

if TYPE_CHECKING:
    from tests.moneysim.bank import Bank, Movement, Payment

PAGES = "https://bank.example/"


def references_of(payment: Payment) -> tuple[Reference, ...]:
    return (Reference("payment", payment.id),)


def snapshot_of(payment: Payment, bank: Bank, answers: str = "") -> Snapshot:
    """Say everything about a payment as it is now. `answers` is the id of what was asked for."""
    everything = partial(_all, payment, bank.echoes, answers)
    return Snapshot(
        attempt=News(
            kind=SubjectKind.ATTEMPT,
            status=payment.status,
            amount=Money(payment.amount, payment.currency),
            references=references_of(payment),
            our_id=payment.our_id,
            version=payment.version,
        ),
        captures=everything(SubjectKind.CAPTURE),
        cancellations=everything(SubjectKind.CANCELLATION),
        refunds=everything(SubjectKind.REFUND),
        disputes=everything(SubjectKind.DISPUTE),
        declines=tuple(Decline(one, "card_declined") for one in payment.declines),
        page=_page(payment),
        method=_method(payment, bank),
    )


def _all(
    payment: Payment, echoes: frozenset[SubjectKind], answers: str, kind: SubjectKind
) -> tuple[News, ...]:
    return tuple(
        _news(kind, one, payment.currency, is_named=kind in echoes or one.our_id == answers)
        for one in payment.of(kind.value)
    )


def _news(kind: SubjectKind, movement: Movement, currency: str, *, is_named: bool) -> News:
    return News(
        kind=kind,
        status=movement.status,
        amount=Money(movement.amount, currency),
        references=(Reference(kind.value, movement.id),),
        our_id=movement.our_id if is_named else "",
        parent=Reference("capture", movement.parent) if movement.parent else None,
        version=movement.version,
    )


def _page(payment: Payment) -> Page | None:
    if not payment.has_page:
        return None
    return Page(PAGES + payment.id, datetime.fromtimestamp(payment.expires_at, UTC))


def _method(payment: Payment, bank: Bank) -> MethodDetails | None:
    if payment.status != "authorised":
        return None
    token = f"tok_{payment.id}" if payment.saves_method else ""
    return MethodDetails("card", "visa", "4242", "2030-12", token, f"cus_{bank.name}")
