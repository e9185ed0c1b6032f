"""Instalment plans in one line each, for pages that show several things of a customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from core.money import Money
from orders.models import Instalment, InstalmentPlan, InvoiceHold

if TYPE_CHECKING:
    from orders.models.plans import PlanQuerySet


FIELDS = (
    *("public_id", "amount", "currency", "broken_at"),
    *("parts", "paid", "next_on", "next_amount"),
)


@dataclass(frozen=True, slots=True)
class PlanLine:
    """How far a plan is: so many of its parts paid, and what comes next on which day."""

    public_id: str
    money: Money
    is_broken: bool
    paid: int
    parts: int
    next_on: dt.date | None
    next_money: Money | None


def rows(plans: PlanQuerySet) -> Any:
    """Give plans as rows that `read` understands: for a subquery, or by themselves."""
    coming = Instalment.objects.to_come().filter(plan=OuterRef("pk")).order_by("position")
    return (
        plans.annotate(
            parts=Count("instalments"),
            paid=Count("instalments", filter=Q(instalments__paid_at__isnull=False)),
            next_on=Subquery(coming.values("due_on")[:1]),
            next_amount=Subquery(coming.values("amount")[:1]),
        )
        .values(row=JSONObject(**{name: name for name in FIELDS}))
        .values_list("row", flat=True)
    )


def read(row: dict[str, Any]) -> PlanLine:
    """Give one line of what `rows` found."""
    currency = row["currency"]
    has_next = row["next_on"] is not None
    return PlanLine(
        public_id=row["public_id"],
        money=Money(row["amount"], currency),
        is_broken=row["broken_at"] is not None,
        paid=row["paid"],
        parts=row["parts"],
        next_on=dt.date.fromisoformat(row["next_on"]) if has_next else None,
        next_money=Money(row["next_amount"], currency) if has_next else None,
    )


def of_invoice(invoice_id: int) -> list[PlanLine]:
    """The plans that an invoice waits for, or has waited for, the newest first."""
    holds = InvoiceHold.objects.filter(invoice=invoice_id, kind="plan")
    found = InstalmentPlan.objects.filter(pk__in=holds.values("plan")).order_by("-pk")
    return [read(row) for row in rows(found)]
