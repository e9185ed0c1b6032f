"""What orders tells on a call's page: what was promised, and agreed to be paid in instalments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count

from crm.call_story import Step
from orders import call_deeds
from orders.models import InstalmentPlan, PromiseToPay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.models import Call


def tell(call: Call) -> list[Step]:
    """One step for each promise and plan that was made during a call and not taken back."""
    return [Step(deed.at, deed.sentence, "wait") for deed in call_deeds.tell(call)]


def grown(call_ids: Sequence[int]) -> dict[int, int]:
    """How many promises and plans were made during each call: a number that grows. One query."""
    promises, plans = (
        rows.filter(call__in=call_ids).order_by().values_list("call").annotate(count=Count("pk"))
        for rows in (PromiseToPay.objects.all(), InstalmentPlan.objects.all())
    )
    found: dict[int, int] = {}
    for call_id, count in promises.union(plans, all=True):
        found[call_id] = found.get(call_id, 0) + count
    return found
