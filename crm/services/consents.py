"""What customers allowed and forbade."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core import audit
from crm.errors import ChoiceUnknown
from crm.models import Consent, Customer
from crm.services.actors import person_of
from crm.services.rows import locked

if TYPE_CHECKING:
    from crm.services.actors import Actor


@transaction.atomic
def record_consent(
    *, customer: Customer, purpose: str, is_given: bool, evidence: str, actor: Actor
) -> Consent:
    """Write down that a customer gave or withdrew a consent. What was before stays on record."""
    if purpose not in Consent.Purpose.values:
        raise ChoiceUnknown("purpose", value=purpose)
    consent = Consent.objects.create(
        customer=locked(customer.pk),
        purpose=purpose,
        is_given=is_given,
        evidence=evidence,
        recorded_by=person_of(actor),
    )
    audit.record(actor, "consent.recorded", consent, after={purpose: str(is_given)})
    return consent


def standing_consents(customer: Customer) -> dict[str, Consent]:
    """The latest word of a customer on each purpose, in one query."""
    latest = customer.consents.order_by("purpose", "-id").distinct("purpose")
    return {consent.purpose: consent for consent in latest}


def has_consent(customer: Customer, purpose: str) -> bool:
    """Whether the customer's latest word on a purpose is yes. Silence is no."""
    consent = customer.consents.filter(purpose=purpose).order_by("-id").first()
    return consent is not None and consent.is_given
