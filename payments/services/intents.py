"""Deciding what is to be paid, and calling it off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from textwrap import shorten
from typing import TYPE_CHECKING

from django.db.models import F, Sum
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit, live, policy, rows
from core.money import Money
from core.transactions import in_a_transaction
from crm.services.actors import person_of
from crm.services.timeline import write as tell
from orders.errors import OrderNotOpen
from orders.models import Invoice, Order
from payments import errors
from payments.models import IntentItem, PaymentIntent
from payments.models.attempts import Cancellation
from payments.models.events import Source
from payments.models.intents import live_version_of
from payments.models.operations import ProviderOperation
from payments.services import settling
from payments.services.apply import conclude
from payments.services.during import call_id_of
from payments.services.facts import own_event
from payments.services.payment import Payment, in_one_transaction, lock_payment
from payments.services.reserving import reserve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.models import ApiKey, User
    from crm.models import Call, Customer
    from crm.services.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIntent:
    """What is asked of a customer. Without items the money pays the order, or is prepaid.

    `shares` says how much of which invoice (pk, minor units) is meant; without it the amount
    fills the invoices in their order.
    """

    customer: Customer
    amount: Money
    invoices: Sequence[Invoice] = ()
    order: Order | None = None
    channel: str = PaymentIntent.Channel.PHONE
    description: str = ""
    call_reference: str = ""
    call: Call | None = None
    shares: Mapping[int, int] | None = None
    allows_surplus: bool = False
    is_manual_capture: bool = False


@in_a_transaction
def create_intent(wanted: NewIntent, *, actor: Actor, public_id: str = "") -> PaymentIntent:
    """Create what is to be paid. Nothing is asked of anyone yet.

    Raises AmountNotPositive, CurrencyNotOwed, ItemNotOpen, ItemOfSomebodyElse,
    OrderOfSomebodyElse, OrderNotOpen, and MoreThanOwed unless a surplus was confirmed.
    """
    _check(wanted)
    intent = PaymentIntent(
        customer=wanted.customer,
        order=wanted.order,
        amount=wanted.amount.minor,
        currency=wanted.amount.currency,
        allows_surplus=wanted.allows_surplus,
        is_manual_capture=wanted.is_manual_capture,
        channel=wanted.channel,
        call_reference=wanted.call_reference,
        description=wanted.description or _description(wanted),
        agent=person_of(actor),
        call_id=call_id_of(actor, wanted.call),
    )
    if public_id:
        intent.public_id = public_id
    rows.insert(intent)
    rows.insert(*_split(intent, wanted))
    audit.record(
        actor,
        "payment_intent.created",
        intent,
        after={"amount": intent.amount, "currency": intent.currency},
    )
    live.publish_on_commit(
        f"customer:{wanted.customer.public_id}", partial(live_version_of, wanted.customer.pk)
    )
    return intent


def _check(wanted: NewIntent) -> None:
    amount = wanted.amount
    if amount.minor <= 0:
        raise errors.AmountNotPositive
    for invoice in wanted.invoices:
        if invoice.customer_id != wanted.customer.pk:
            raise errors.ItemOfSomebodyElse(number=invoice.number)
        if invoice.currency != amount.currency:
            raise errors.CurrencyNotOwed(owed=invoice.currency, currency=amount.currency)
        if invoice.open_amount <= 0:
            raise errors.ItemNotOpen(number=invoice.number)
    if wanted.order is not None:
        _check_order(wanted.order, wanted)
    owed = _owed(wanted)
    if amount.minor > owed and not wanted.allows_surplus:
        raise errors.MoreThanOwed(owed=Money(owed, amount.currency), amount=amount)


def _check_order(order: Order, wanted: NewIntent) -> None:
    if order.customer_id != wanted.customer.pk:
        raise errors.OrderOfSomebodyElse(number=order.number)
    if order.currency != wanted.amount.currency:
        raise errors.CurrencyNotOwed(owed=order.currency, currency=wanted.amount.currency)
    if not wanted.invoices and order.status != Order.Status.OPEN:
        raise OrderNotOpen(number=order.number)


def _owed(wanted: NewIntent) -> int:
    """Return what the named items come to, or what is left of the order's total (minor units)."""
    if wanted.invoices:
        return sum(invoice.open_amount for invoice in wanted.invoices)
    return _left_of(wanted.order) if wanted.order is not None else 0


def _left_of(order: Order) -> int:
    """Return what nobody has prepaid yet."""
    own = PaymentIntent.objects.filter(order=order, currency=order.currency)
    paid: int = own.aggregate(paid=Sum(F("captured") - F("refunded")))["paid"] or 0
    return max(0, order.total - paid)


def _split(intent: PaymentIntent, wanted: NewIntent) -> list[IntentItem]:
    """Spread the amount over the invoices: as was said, else in order up to what is open."""
    items: list[IntentItem] = []
    left = wanted.amount.minor
    for invoice in wanted.invoices:
        most = invoice.open_amount
        if wanted.shares is not None:
            most = min(most, wanted.shares.get(invoice.pk, 0))
        part = min(left, most)
        if part > 0:
            items.append(IntentItem(intent=intent, invoice=invoice, amount=part))
            left -= part
    return items


def _description(wanted: NewIntent) -> str:
    """Name the invoices in the customer's language, as many as there is room for.

    The word before each keeps two numbers from being read as one, which may look like a card's.
    """
    numbers = [invoice.number for invoice in wanted.invoices]
    if len(numbers) > 1:
        with translation.override(wanted.customer.language):
            numbers = [_("invoice %(number)s") % {"number": number} for number in numbers]
    return shorten(", ".join(numbers), width=200, placeholder="…")


@in_one_transaction
def cancel_intent(*, intent_id: int, actor: User | ApiKey) -> PaymentIntent:
    """Call a payment off: its link closes, and money that was only reserved is let go.

    Safe to repeat. Raises CannotCancelPaid once money was taken, and OutcomeStillUnknown
    while an operation that takes money has no answer, or still waits to be sent.
    """
    payment = lock_payment(intent_id)
    intent = payment.intent
    if payment.is_canceled:
        return intent
    if intent.captured:
        raise errors.CannotCancelPaid
    # To let go of all of it would ask for more than is left.
    if intent.blocked_by_unknown or payment.is_being_taken():
        raise errors.OutcomeStillUnknown
    payment.add(
        [
            own_event(
                intent_id=intent.pk,
                account_id=None,
                subject=("intent", intent.public_id),
                status="canceled",
                source=Source.OPERATOR,
                actor=policy.person_of(actor),
            )
        ]
    )
    settling.close_open(payment)
    _let_go(payment)
    conclude(payment)
    audit.record(actor, "payment_intent.canceled", intent)
    tell(intent.customer_id, "payment_canceled", actor=actor, object_id=intent.public_id)
    return intent


def _let_go(payment: Payment) -> None:
    for attempt in payment.attempts:
        if attempt.capturable > 0:
            row = Cancellation.objects.create(
                attempt=attempt, amount=attempt.capturable, currency=attempt.currency
            )
            payment.cancellations.append(row)
            payment.open_operations.append(
                reserve(ProviderOperation.Kind.CANCEL, attempt=attempt, cancellation=row)
            )
