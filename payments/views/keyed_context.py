"""What the Pay panel says of cards that are keyed during a call, by an agent or by the customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from core import policy
from core.errors import DomainError
from core.policy import Permission
from crm.services import calls
from payments.models import CheckoutSession
from payments.services import accounts, checkout, keyed, keypads

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User
    from crm.models import Call, Customer


@dataclass(frozen=True, slots=True)
class KeyedCard:
    """Why a card may not be keyed now, if it may not; and whether it is being keyed."""

    refusal: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class OnTheLine:
    """The ways to pay that need a call; None where the person may not, or nobody takes them."""

    keyed: KeyedCard | None = None
    keypad: KeyedCard | None = None


def on_the_line(user: User, customer: Customer, currency: str) -> OnTheLine:
    """Say how it stands, by one query at most.

    Where a page was asked for, or a keypad listens, the rail leads on, and no other is offered:
    what it offers then answers to the same key.
    """
    taking = accounts.taking_lately(currency, is_practice=customer.is_practice)
    may_key = policy.allows(user, Permission.KEY_CARD) and bool(checkout.taking_keyed(taking))
    # No practice telephone has keys to listen to.
    has_keypad = not customer.is_practice and bool(keypads.taking(currency))
    may_listen = has_keypad and policy.allows(user, Permission.USE_KEYPAD)
    if not (may_key or may_listen):
        return OnTheLine()
    live = _live(user, customer)
    return OnTheLine(
        _card(lambda: keyed.guard(live, customer.pk), "has_page") if may_key else None,
        _card(lambda: keypads.guard(live, customer.pk, currency)[0], "has_keypad")
        if may_listen
        else None,
    )


def _live(user: User, customer: Customer) -> list[Any]:
    pages = keyed.asked_pages().filter(intent__customer=customer, session__call=OuterRef("pk"))
    listening = CheckoutSession.objects.payable(CheckoutSession.Kind.KEYPAD).filter(
        intent__customer=customer, call=OuterRef("pk")
    )
    found = calls.live_calls(user)
    return list(found.annotate(has_page=Exists(pages), has_keypad=Exists(listening)))


def _card(guard: Callable[[], Call], sign: str) -> KeyedCard:
    try:
        call = guard()
    except DomainError as refusal:
        return KeyedCard(refusal=str(refusal))
    return KeyedCard(is_open=getattr(call, sign))
