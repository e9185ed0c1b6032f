"""Where a customer's messages about a payment go."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from core import rows
from crm.contact_values import normalise_email, normalise_phone
from crm.models import ContactPoint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.models import Customer
    from payments.models import PaymentAttempt
    from payments.services.payment import Payment

CONTACTS = """
    SELECT point.kind, point.value, customer.language, customer.preferred_channel
      FROM crm_contactpoint point JOIN crm_customer customer ON customer.id = point.customer_id
     WHERE point.customer_id = %s ORDER BY point.is_primary DESC, point.id
"""
SMS = "sms"
EMAIL = "email"
CHANNELS = {ContactPoint.Kind.PHONE: SMS, ContactPoint.Kind.EMAIL: EMAIL}


@dataclass(frozen=True, slots=True)
class Destination:
    """A channel, an address on it, and the language to write in."""

    channel: str
    address: str
    language: str


def destinations_of(customer: Customer) -> list[Destination]:
    """Return where the customer can be reached, the preferred channel first.

    Costs no statement where the customer came with its contact points.
    """
    points = sorted(customer.contact_points.all(), key=lambda it: (not it.is_primary, it.pk))
    known = (customer.language, customer.preferred_channel)
    return _in_order((point.kind, point.value, *known) for point in points)


def _of_customer(customer_id: int) -> list[Destination]:
    return _in_order(rows.select(CONTACTS, [customer_id]))


def _in_order(points: Iterable[tuple[Any, ...]]) -> list[Destination]:
    """The preferred channel first; points come with kind, value, language and that channel."""
    found = [
        (channel != (preferred or SMS), Destination(channel, value, language))
        for kind, value, language, preferred in points
        for channel in (CHANNELS[ContactPoint.Kind(kind)],)
    ]
    return [place for _, place in sorted(found, key=itemgetter(0))]


def checked_destination(channel: str, address: str, language: str) -> Destination:
    """Return a destination in its stored form. Raises PhoneUnusable or EmailUnusable."""
    normalise = normalise_email if channel == EMAIL else normalise_phone
    return Destination(channel, normalise(address), language)


def receipt_destination(payment: Payment, attempt: PaymentAttempt) -> Destination | None:
    """Return where the receipt goes: where the link went, else where the customer prefers."""
    session = payment.session_of(attempt)
    if session is not None and session.destination:
        return Destination(session.channel, session.destination, session.language)
    places = _of_customer(payment.intent.customer_id)
    return places[0] if places else None
