"""What crm itself registers with its own registries, once the models are loaded."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.locks import Rank
from crm.models import (
    Consent,
    ContactPoint,
    Customer,
    ExternalId,
    OutgoingMessage,
    SearchKey,
    TimelineEntry,
)
from crm.services import merging, timeline


def register_all() -> None:
    """Say which rows follow a merge, and how crm's timeline entries read. Safe to repeat."""
    merging.register(Customer, "merged_into")
    merging.register(ContactPoint, "customer", unique_with=("kind", "value"))
    merging.register(ExternalId, "customer")
    merging.register(Consent, "customer")
    merging.register(SearchKey, "customer", unique_with=("kind", "key"))
    merging.register(TimelineEntry, "customer")
    merging.register(OutgoingMessage, "customer", rank=Rank.MESSAGE)
    timeline.register("customer.created", _("Customer added"))
    timeline.register("customer.merged", _("Merged with %(source)s"))
    timeline.register("customer.unmerged", _("Merge with %(source)s undone"))
