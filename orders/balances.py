"""What customers owe, read from the invoices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from core.jobs import business_date
from core.money import Money
from orders.models import Allocation, CreditNote, Invoice

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Balance:
    """What is owed in one currency, and how much of it is overdue."""

    owed: Money
    overdue: Money


def of_customer(customer_id: int, today: dt.date | None = None) -> list[Balance]:
    """One balance per currency in which something is owed. One statement, from an index alone."""
    late = Q(due_on__lt=today or business_date())
    rows = (
        Invoice.objects.open()
        .of_customer(customer_id)
        .order_by("currency")
        .values_list("currency")
        .annotate(
            owed=Sum("open_amount"),
            overdue=Coalesce(Sum("open_amount", filter=late), 0),
        )
    )
    return [
        Balance(Money(int(owed), currency), Money(int(overdue), currency))
        for currency, owed, overdue in rows
    ]


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
