"""What the Pay panel says of keying a card for a customer on the phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from core import policy
from core.errors import DomainError
from core.policy import Permission
from crm.services import calls
from payments.services import accounts, checkout, keyed

if TYPE_CHECKING:
    from core.models import User
    from crm.models import Customer


@dataclass(frozen=True, slots=True)
class KeyedCard:
    """Why a card may not be keyed now, if it may not; and whether a page for it is open."""

    refusal: str = ""
    is_open: bool = False


def keyed_card(user: User, customer: Customer, currency: str) -> KeyedCard | None:
    """Say how it stands, by one query; None where the person may not, or nobody takes such cards.

    Where a page waits for the agent the rail leads to it, and no other is offered.
    """
    if not policy.allows(user, Permission.KEY_CARD):
        return None
    if not checkout.taking_keyed(accounts.taking_lately(currency)):
        return None
    own = keyed.waiting_pages().filter(intent__customer=customer, session__call=OuterRef("pk"))
    live: Any = calls.live_calls(user).annotate(has_page=Exists(own))
    try:
        call = keyed.guard(list(live), customer.pk)
    except DomainError as refusal:
        return KeyedCard(refusal=str(refusal))
    return KeyedCard(is_open=call.has_page)
