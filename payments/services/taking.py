"""Taking a payment at the desk: what is asked for and how, decided in one transaction.

Two agents who ask the same customer for the same invoices and amount share one payment: the
customer's row is locked first, so the second one finds what the first has made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from core import locks
from core.locks import Rank
from crm.models import Customer
from orders.models import Invoice
from payments import errors
from payments.models import CheckoutSession, PaymentIntent, PaymentMethod, Terminal
from payments.services import charges, keyed, keypads, links, terminals, transfers
from payments.services.intents import NewIntent, create_intent
from payments.services.payment import in_one_transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User
    from core.money import Money
    from payments.services.destinations import Destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the agent asks the customer for. Without invoices it is a prepayment."""

    customer_id: int
    invoice_ids: Sequence[int]
    amount: Money
    allows_surplus: bool = False


@in_one_transaction
def send_link(
    asked: Asked,
    *,
    destination: Destination,
    actor: User,
    replaces_open_page: bool = False,
    public_id: str = "",
) -> PaymentIntent:
    """Send a link for what is asked; one that is open for exactly that is sent again.

    Raises what `create_intent`, `open_link` and `resend_link` raise.
    """
    intent = _intent_for(asked, actor, public_id)
    session = _open_session(intent)
    if session is not None:
        links.resend_link(session_id=session.pk, actor=actor, destination=destination)
    else:
        links.open_link(
            intent_id=intent.pk,
            actor=actor,
            destination=destination,
            replaces_open_page=replaces_open_page,
        )
    return intent


@in_one_transaction
def charge(
    asked: Asked, *, method: PaymentMethod, actor: User, public_id: str = ""
) -> PaymentIntent:
    """Reserve a charge of a saved method for what is asked. Nothing is sent yet.

    Raises what `create_intent` and `charge_saved_method` raise.
    """
    intent = _intent_for(asked, actor, public_id)
    charges.charge_saved_method(intent_id=intent.pk, method=method, actor=actor)
    return intent


@in_one_transaction
def open_card_page(
    asked: Asked,
    *,
    actor: User,
    replaces_open_page: bool = False,
    public_id: str = "",
) -> PaymentIntent:
    """Ask for a provider's page on which the agent keys the card, for what is asked.

    Raises what `create_intent` and `keyed.open_page` raise.
    """
    intent = _intent_for(asked, actor, public_id)
    keyed.open_page(intent_id=intent.pk, actor=actor, replaces_open_page=replaces_open_page)
    return intent


@in_one_transaction
def open_keypad(
    asked: Asked,
    *,
    actor: User,
    replaces_open_page: bool = False,
    public_id: str = "",
) -> PaymentIntent:
    """Let the customer key the card on the phone, for what is asked.

    Raises what `create_intent` and `keypads.open_capture` raise.
    """
    intent = _intent_for(asked, actor, public_id)
    keypads.open_capture(intent_id=intent.pk, actor=actor, replaces_open_page=replaces_open_page)
    return intent


@in_one_transaction
def push_to_terminal(
    asked: Asked,
    *,
    terminal: Terminal,
    actor: User,
    replaces_open_page: bool = False,
    public_id: str = "",
) -> PaymentIntent:
    """Push what is asked to a card terminal. Nothing is sent yet.

    Raises what `create_intent` and `terminals.push` raise.
    """
    intent = _intent_for(asked, actor, public_id)
    terminals.push(
        intent_id=intent.pk, terminal=terminal, actor=actor, replaces_open_page=replaces_open_page
    )
    return intent


@in_one_transaction
def expect_transfer(
    asked: Asked,
    *,
    actor: User,
    destination: Destination | None = None,
    replaces_open_page: bool = False,
    public_id: str = "",
) -> CheckoutSession:
    """Wait for a bank transfer of what is asked. Nothing is opened at a provider.

    Raises what `create_intent` and `transfers.expect` raise.
    """
    intent = _intent_for(asked, actor, public_id)
    return transfers.expect(
        intent_id=intent.pk,
        actor=actor,
        destination=destination,
        replaces_open_page=replaces_open_page,
    )


@in_one_transaction
def send_again(
    *,
    intent: PaymentIntent,
    destination: Destination,
    actor: User,
    wants_new_link: bool = False,
    replaces_open_page: bool = False,
) -> CheckoutSession:
    """Send a payment's link once more, there or elsewhere; a new link where none is open.

    A new link that is asked for closes the one before. Raises what `open_link` raises.
    """
    session = _open_session(intent)
    if session is not None and not wants_new_link:
        return links.resend_link(session_id=session.pk, actor=actor, destination=destination)
    return links.open_link(
        intent_id=intent.pk,
        actor=actor,
        destination=destination,
        replaces_open_page=replaces_open_page,
    )


def _intent_for(asked: Asked, actor: User, public_id: str) -> PaymentIntent:
    customer = locks.one(Rank.CUSTOMER, Customer.objects.filter(pk=asked.customer_id))
    invoices = _lock_invoices(asked)
    same = _same_intent(asked, customer)
    if same is not None:
        return same
    wanted = NewIntent(
        customer=customer,
        amount=asked.amount,
        invoices=invoices,
        allows_surplus=asked.allows_surplus,
    )
    return create_intent(wanted, actor=actor, public_id=public_id)


def _lock_invoices(asked: Asked) -> list[Invoice]:
    """Lock the invoices and return them oldest due first: the order in which money pays them."""
    if not asked.invoice_ids:
        return []
    found = locks.rows(Rank.INVOICE, Invoice.objects.filter(pk__in=asked.invoice_ids))
    if len(found) != len(set(asked.invoice_ids)):
        raise errors.ItemNotOpen(number="")
    return sorted(found, key=lambda invoice: (invoice.due_on, invoice.pk))


def _same_intent(asked: Asked, customer: Customer) -> PaymentIntent | None:
    """The payment that waits for exactly these invoices and this amount, and has no money yet."""
    waiting = PaymentIntent.objects.unsettled().filter(
        customer=customer,
        amount=asked.amount.minor,
        currency=asked.amount.currency,
        captured=0,
        order=None,
        created_at__gte=timezone.now() - links.VALID_FOR * 7,
    )
    wanted = set(asked.invoice_ids)
    for intent in waiting.prefetch_related("items").order_by("-pk")[:20]:
        if {item.invoice_id for item in intent.items.all()} == wanted:
            return intent
    return None


def _open_session(intent: PaymentIntent) -> CheckoutSession | None:
    kind = CheckoutSession.Kind.LINK
    return CheckoutSession.objects.payable(kind).filter(intent=intent).first()
