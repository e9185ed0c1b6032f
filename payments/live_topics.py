"""What version a live topic is at, and who may know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from core import policy
from crm.models import Customer
from payments.models import PaymentIntent
from payments.services import approval_news

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User


def intent_versions(user: User, ids: Sequence[str]) -> dict[str, int]:
    """Return {topic: version} of the intents that the user may see."""
    if not policy.allows(user, policy.VIEW_PAYMENT):
        return {}
    rows = PaymentIntent.objects.filter(public_id__in=ids).values_list("public_id", "version")
    return {f"intent:{public_id}": version for public_id, version in rows}


def approval_versions(user: User, ids: Sequence[str]) -> dict[str, int]:
    """Return a number that grows with all that waits, or no longer waits, for a second person."""
    if ids != [""] or not policy.allows(user, policy.APPROVE_REFUND):
        return {}
    return {approval_news.TOPIC: approval_news.version()}


def customer_versions(user: User, ids: Sequence[str]) -> dict[str, int]:
    """Return a number per customer that grows with every change of their payments.

    A customer without payments is at 0, so that the first one is heard, too.
    """
    if not policy.allows(user, policy.VIEW_PAYMENT):
        return {}
    payments = PaymentIntent.objects.filter(customer=OuterRef("pk"))
    version = Coalesce(Subquery(payments.live_version()), 0)
    rows = Customer.objects.filter(public_id__in=ids).values_list("public_id", version)
    return {f"customer:{public_id}": version for public_id, version in rows}
