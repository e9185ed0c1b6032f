"""Putting a customer's free money on another invoice of theirs, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from core import audit, policy
from core.money import Money
from crm.services.timeline import write as tell
from orders.models import Allocation
from orders.services.allocate import record_payment, take_off
from payments import errors
from payments.models import SurplusMove
from payments.services import approval_news, move_limits, noting, second_person
from payments.services.apply import conclude
from payments.services.during import call_id_of
from payments.services.payment import Payment, in_one_transaction, lock_payment

if TYPE_CHECKING:
    from core.models import ApiKey, User
    from orders.models import Invoice

Status = SurplusMove.Status


@in_one_transaction
def move_surplus(
    *,
    intent_id: int,
    invoice_id: int,
    amount: Money,
    requested_by: User | ApiKey,
    public_id: str = "",
) -> SurplusMove:
    """Put free money of a payment on an open invoice of the same customer, to the cent.

    Above a limit of the role it waits for a second person. Raises AmountNotPositive,
    CurrencyNotOwed, ItemOfSomebodyElse, MoveExceedsSurplus, MoveExceedsInvoice,
    OutcomeStillUnknown, MoveAboveLimit where the role may move nothing, and MoveAboveEveryLimit.
    """
    move_limits.one_at_a_time(policy.person_of(requested_by))
    # The lock makes two agents who move the same cent wait for each other.
    payment = lock_payment(intent_id, also=[invoice_id])
    _check(payment, invoice_id, amount)
    above = move_limits.limit_exceeded(amount, requested_by)
    move = SurplusMove(
        intent=payment.intent,
        invoice_id=invoice_id,
        amount=amount.minor,
        currency=amount.currency,
        status=Status.AWAITING if above else Status.MOVED,
        requested_by=policy.person_of(requested_by),
        call_id=call_id_of(requested_by),
        above_limit=above,
    )
    if public_id:
        move.public_id = public_id
    move.save(force_insert=True)
    if not above:
        _carry_out(payment, move)
    _record(payment, move, "asked" if above else "moved", actor=requested_by)
    conclude(payment)
    return move


@in_one_transaction
def approve_move(*, move_id: int, approver: User | ApiKey) -> SurplusMove:
    """Make a move that waits.

    Raises OwnRequest, AlreadyDecided, MoveAboveLimit and MoveAboveDayLimit by the approver's own
    limits, and what `move_surplus` raises where money or invoice are not there any more.
    """
    move_limits.one_at_a_time(policy.person_of(approver))
    payment, move = _locked(move_id, Status.AWAITING)
    second_person.refuse_who_asked(move, approver)
    move_limits.hold_limits(move.money, approver)
    _check(payment, move.invoice_id, move.money)
    payment.change(
        move,
        status=Status.MOVED,
        decided_by_id=policy.person_of(approver).pk,
        decided_at=timezone.now(),
    )
    # The database looks at what is left before anything of it is put on the invoice.
    payment.flush()
    _carry_out(payment, move)
    _record(payment, move, "approved", actor=approver)
    conclude(payment)
    return move


@in_one_transaction
def refuse_move(*, move_id: int, approver: User | ApiKey, reason: str) -> SurplusMove:
    """Leave the money where it is. Raises OwnRequest, AlreadyDecided and RefusalNeedsReason."""
    payment, move = _locked(move_id, Status.AWAITING)
    second_person.hold_refusal(move, approver, reason)
    payment.change(
        move,
        status=Status.CANCELED,
        decided_by_id=policy.person_of(approver).pk,
        decided_at=timezone.now(),
        refusal=reason,
    )
    _record(payment, move, "refused", actor=approver, reason=reason)
    conclude(payment)
    return move


@in_one_transaction
def withdraw_move(*, move_id: int, actor: User | ApiKey) -> SurplusMove:
    """Take back one's own request before it is decided. Raises NotOwnRequest, AlreadyDecided."""
    payment, move = _locked(move_id, Status.AWAITING)
    second_person.refuse_others(move, actor)
    payment.change(move, status=Status.CANCELED, decided_at=timezone.now())
    _record(payment, move, "withdrawn", actor=actor)
    conclude(payment)
    return move


@in_one_transaction
def take_back_move(*, move_id: int, actor: User | ApiKey) -> SurplusMove:
    """Take moved money off its invoice again: it is the customer's, the invoice is open.

    Raises AlreadyDecided for a move that was not made or was taken back, and MoveNotWhole where
    a part of it was given back to the customer meanwhile.
    """
    payment, move = _locked(move_id, Status.MOVED)
    parts = _parts_of(payment, move)
    if sum(part for _, part in parts) < move.amount:
        left = sum(part for _, part in parts)
        raise errors.MoveNotWhole(left=Money(left, move.currency))
    for source, part in parts:
        capture = next(one for one in payment.captures if one.public_id == source)
        before = payment.allocated.get(source, {})
        taken = take_off(
            invoice=payment.invoices[move.invoice_id],
            amount=Money(part, move.currency),
            source_id=source,
            cause=f"{move.public_id}:{source}:back",
        )
        noting.note(payment, capture, before, taken)
    payment.change(move, status=Status.TAKEN_BACK)
    _record(payment, move, "taken_back", actor=actor)
    conclude(payment)
    return move


def movable(payment: Payment) -> int:
    """What of a payment may be put on another invoice (minor units).

    Free money that no refund holds and no bank disputes, and that prepays no order.
    """
    free = sum(_free(payment).values())
    return min(free, payment.intent.surplus)


def _free(payment: Payment) -> dict[int, int]:
    own = (one for one in payment.captures if one.currency == payment.intent.currency)
    return {one.pk: max(0, payment.left_to_refund(one) - one.allocated) for one in own}


def _check(payment: Payment, invoice_id: int, amount: Money) -> None:
    intent, invoice = payment.intent, payment.invoices[invoice_id]
    if amount.minor <= 0:
        raise errors.AmountNotPositive
    if {amount.currency, invoice.currency} != {intent.currency}:
        raise errors.CurrencyNotOwed(owed=invoice.currency, currency=intent.currency)
    if invoice.customer_id != intent.customer_id:
        raise errors.ItemOfSomebodyElse(number=invoice.number)
    if intent.blocked_by_unknown:
        raise errors.OutcomeStillUnknown
    if amount.minor > (left := movable(payment)):
        raise errors.MoveExceedsSurplus(left=Money(left, intent.currency))
    if amount > invoice.open_money:
        raise errors.MoveExceedsInvoice(left=invoice.open_money, number=invoice.number)


def _carry_out(payment: Payment, move: SurplusMove) -> None:
    """Put the money on the invoice, capture by capture, each under a cause of its own."""
    left = move.amount
    free = _free(payment)
    for capture in payment.captures:
        part = min(left, free.get(capture.pk, 0))
        if part <= 0:
            continue
        before = payment.allocated.get(capture.public_id, {})
        made = record_payment(
            invoices=[(move.invoice_id, Money(part, move.currency))],
            source_id=capture.public_id,
            cause=f"{move.public_id}:{capture.public_id}",
            held=payment.invoices,
        )
        noting.note(payment, capture, before, made)
        left -= part


def _parts_of(payment: Payment, move: SurplusMove) -> list[tuple[str, int]]:
    """What of a move still stands on its invoice, by capture's public id (minor units)."""
    made = Allocation.objects.filter(
        cause__startswith=f"{move.public_id}:", invoice=move.invoice_id, amount__gt=0
    )
    rows = list(made.order_by("pk").values_list("source_id", "amount"))
    standing = {s: payment.allocated.get(s, {}).get(move.invoice_id, 0) for s, _ in rows}
    parts = ((source, min(amount, standing[source])) for source, amount in rows)
    return [(source, part) for source, part in parts if part]


def _locked(move_id: int, status: Status) -> tuple[Payment, SurplusMove]:
    """Lock the payment with the move's invoice, and return both if the move stands there."""
    found = SurplusMove.objects.values_list("intent_id", "invoice_id")
    intent_id, invoice_id = found.get(pk=move_id)
    payment = lock_payment(intent_id, also=[invoice_id])
    move = SurplusMove.objects.get(pk=move_id)
    if move.status != status:
        raise errors.AlreadyDecided(status=move.get_status_display())
    return payment, move


def _record(
    payment: Payment, move: SurplusMove, deed: str, *, actor: User | ApiKey, reason: str = ""
) -> None:
    """Tell it on the rail and the timeline, and name who did it in the audit."""
    invoice: Invoice = payment.invoices[move.invoice_id]
    said = {"amount": move.amount, "currency": move.currency, "invoice": invoice.number}
    approval_news.tell_move(payment, move, deed, actor=actor, number=invoice.number)
    audit.record(actor, f"surplus.{deed}", move, after=said, reason=reason)
    tell(
        payment.intent.customer_id,
        f"surplus_{deed}",
        actor=actor,
        object_id=payment.intent.public_id,
        data=said,
    )
