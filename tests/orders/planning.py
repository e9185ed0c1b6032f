"""A customer who owes, and pays in instalments."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from core.jobs import business_date
from core.money import Money
from orders.models import Instalment, InstalmentPlan
from orders.services import plans
from orders.services.plans import Planned
from tests.orders.promising import Scene as Owing
from tests.orders.promising import held, told

if TYPE_CHECKING:
    from core.models import ApiKey

__all__ = ["Scene", "held", "scene", "statuses", "told"]


class Scene(Owing):
    """A customer who owes 79.90 and 105.00 euros, and would pay in parts."""

    def plan(self, amount: int = 18_490, **changes: Any) -> InstalmentPlan:
        invoices = changes.pop("invoices", [self.fibre, self.router])
        actor: ApiKey | None = changes.pop("actor", None)
        planned = Planned(
            customer=changes.pop("customer", self.customer),
            invoice_ids=[invoice.pk for invoice in invoices],
            amount=Money(amount, changes.pop("currency", "EUR")),
            parts=changes.pop("parts", 3),
            first_on=changes.pop("first_on", business_date()),
            **changes,
        )
        return plans.make_plan(planned, actor=actor or self.user)

    def let_days_pass_since(self, plan: InstalmentPlan, days: int) -> None:
        for part in plan.instalments.all():
            Instalment.objects.filter(pk=part.pk).update(
                due_on=part.due_on - dt.timedelta(days=days)
            )


def statuses(plan: InstalmentPlan) -> list[str]:
    """What became of a plan, and of each of its parts."""
    plan.refresh_from_db()
    parts = Instalment.objects.select_related("plan").filter(plan=plan).order_by("position")
    return [str(plan.status), *(str(part.status) for part in parts)]


@pytest.fixture
def scene() -> Scene:
    return Scene()
