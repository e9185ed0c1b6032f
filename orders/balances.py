"""What customers owe, read from the invoices."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce, JSONObject

from core.jobs import business_date
from core.money import Money
from orders import plan_lines
from orders.models import Allocation, CreditNote, InstalmentPlan, Invoice, PromiseToPay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from orders.plan_lines import PlanLine

MOST_PROMISES = 3
PROMISE = {name: name for name in ("public_id", "amount", "due_on", "broken_at")}


@dataclass(frozen=True, slots=True)
class Balance:
    """What is owed in one currency, and how much of it is overdue."""

    owed: Money
    overdue: Money
    promises: Sequence[PromiseToPay] = ()
    plans: Sequence[PlanLine] = ()


def of_customer(customer_id: int, today: dt.date | None = None) -> list[Balance]:
    """One balance per currency in which something is owed, with what is agreed about it.

    One statement; the invoices are read from an index alone.
    """
    late = Q(due_on__lt=today or business_date())
    planned = InstalmentPlan.objects.unsettled_of(customer_id)
    planned = planned.filter(currency=OuterRef("currency"))
    promised = PromiseToPay.objects.unsettled_of(customer_id).filter(currency=OuterRef("currency"))
    rows = (
        Invoice.objects.open()
        .of_customer(customer_id)
        .order_by("currency")
        .values_list("currency")
        .annotate(
            owed=Sum("open_amount"),
            overdue=Coalesce(Sum("open_amount", filter=late), 0),
            promises=ArraySubquery(promised.values(row=JSONObject(**PROMISE))[:MOST_PROMISES]),
            plans=ArraySubquery(plan_lines.rows(planned)[:MOST_PROMISES]),
        )
    )
    return [
        Balance(
            Money(int(owed), currency),
            Money(int(overdue), currency),
            tuple(_promise(currency, **row) for row in promises),
            tuple(plan_lines.read(row) for row in plans),
        )
        for currency, owed, overdue, promises, plans in rows
    ]


def _promise(currency: str, *, due_on: str, **row: Any) -> PromiseToPay:
    return PromiseToPay(currency=currency, due_on=dt.date.fromisoformat(due_on), **row)


def outstanding(customer_id: int) -> list[Money]:
    """What a customer owes, per currency."""
    return [balance.owed for balance in of_customer(customer_id)]


def invoices_with_wrong_sums() -> QuerySet[Invoice]:
    """Invoices whose kept sums differ from their allocations and credit notes: none, ever."""
    return Invoice.objects.annotate(
        allocated_by_rows=_sum_of(Allocation.objects.all()),
        credited_by_rows=_sum_of(CreditNote.objects.all()),
    ).exclude(allocated=F("allocated_by_rows"), credited=F("credited_by_rows"))


def _sum_of(rows: QuerySet[Allocation] | QuerySet[CreditNote]) -> Coalesce:
    sums = rows.filter(invoice=OuterRef("pk")).order_by().values("invoice")
    return Coalesce(Subquery(sums.annotate(sum=Sum("amount")).values("sum")), 0)
