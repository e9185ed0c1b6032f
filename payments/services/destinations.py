"""Where a customer's messages about a payment go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core import rows
from crm.contact_values import normalise_email, normalise_phone
from crm.models import ContactPoint, Customer

if TYPE_CHECKING:
    from payments.models import PaymentAttempt
    from payments.services.payment import Payment

CONTACTS = """
    SELECT kind, value FROM crm_contactpoint WHERE customer_id = %s ORDER BY is_primary DESC, id
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
    """Return where the customer can be reached, the preferred channel first."""
    found = [
        Destination(CHANNELS[ContactPoint.Kind(kind)], value, customer.language)
        for kind, value in rows.select(CONTACTS, [customer.pk])
    ]
    preferred = customer.preferred_channel or SMS
    return sorted(found, key=lambda place: place.channel != preferred)


def checked_destination(channel: str, address: str, language: str) -> Destination:
    """Return a destination in its stored form. Raises PhoneUnusable or EmailUnusable."""
    normalise = normalise_email if channel == EMAIL else normalise_phone
    return Destination(channel, normalise(address), language)


def receipt_destination(payment: Payment, attempt: PaymentAttempt) -> Destination | None:
    """Return where the receipt goes: where the link went, else where the customer prefers."""
    session = payment.session_of(attempt)
    if session is not None and session.destination:
        return Destination(session.channel, session.destination, session.language)
    (customer,) = rows.read(Customer, "WHERE id = %s", [payment.intent.customer_id])
    places = destinations_of(customer)
    return places[0] if places else None
