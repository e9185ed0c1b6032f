"""The rows behind each figure. What a figure was narrowed to stands in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Sum
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.jobs import business_date
from core.money import Money
from core.policy import Permission, needs
from crm.views.countless import CountlessPage, page_number, page_of
from orders.models import Invoice
from reporting import figures, movements, rows
from reporting.days import asked_day
from reporting.movements import Cell, Kind
from reporting.rows import OVERDUE, STATUSES, Age, Outcome
from reporting.views.asking import code, one_of, provider_name

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest

SIZE = 50
HOUR = "hour"


@needs(Permission.VIEW_REPORTS)
@require_safe
def money(request: AgentRequest) -> HttpResponse:
    """Money that moved on a day: taken, refunded, disputed."""
    cell = Cell(
        day=asked_day(request.GET.get("day", "")),
        currency=code(request, "currency"),
        method=code(request, "method"),
        account=code(request, "account"),
        kind=one_of(request, "kind", Kind.values),
    )
    number = page_number(request.GET.get("page", ""))
    found = movements.listed(cell, skip=(number - 1) * SIZE, limit=SIZE + 1)
    context = {
        "cell": cell,
        "kind": Kind(cell.kind).label if cell.kind else "",
        "provider": provider_name(cell.account),
        "page": CountlessPage(found[:SIZE], number, has_next=len(found) > SIZE),
        "totals": figures.totals_of(movements.grouped(cell)),
    }
    return render(request, "reporting/money.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def attempts(request: AgentRequest) -> HttpResponse:
    """Attempts that were begun on a day, or in the last hour, and how they ended."""
    day, span = asked_day(request.GET.get("day", "")), one_of(request, "span", [HOUR])
    method, account = code(request, "method"), code(request, "account")
    outcome = one_of(request, "outcome", Outcome.values)
    wanted = rows.attempts_lately() if span else rows.attempts_begun(day)
    if method:
        wanted = wanted.filter(method=method)
    if account:
        wanted = wanted.filter(account__public_id=account)
    if outcome:
        wanted = wanted.filter(rows.in_statuses(STATUSES[outcome]))
    shown = wanted.select_related("intent__customer", "account").order_by("-created_at", "-pk")
    context = {
        "day": day,
        "is_lately": bool(span),
        "method": method,
        "provider": provider_name(account),
        "outcome": Outcome(outcome).label if outcome else "",
        "count": wanted.count(),
        "page": page_of(shown, request.GET.get("page", ""), SIZE),
    }
    return render(request, "reporting/attempts.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def owed(request: AgentRequest) -> HttpResponse:
    """Invoices of which something is owed now, the longest overdue first."""
    age = one_of(request, "age", [*Age.values, OVERDUE])
    currency = code(request, "currency")
    wanted = rows.owed(age, currency)
    shown = wanted.select_related("customer").order_by("due_on", "pk")
    context = {
        "age": Age(age).label if age in Age.values else age,
        "currency": currency,
        "today": business_date(),
        "sums": _sums(wanted),
        "page": page_of(shown, request.GET.get("page", ""), SIZE),
    }
    return render(request, "reporting/owed.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def links(request: AgentRequest) -> HttpResponse:
    """Pay links that can be paid now, those that end first on top."""
    currency, opened = code(request, "currency"), one_of(request, "opened", ["1"])
    narrowed = {"only_opened": bool(opened)}
    shown = rows.links_waiting(currency, **narrowed).select_related("intent__customer")
    context = {
        "currency": currency,
        "waiting": figures.links_waiting(currency, **narrowed),
        "page": page_of(shown.order_by("expires_at", "pk"), request.GET.get("page", ""), SIZE),
    }
    return render(request, "reporting/links.html", context)


def _sums(invoices: QuerySet[Invoice]) -> list[tuple[int, Money]]:
    sums = invoices.values("currency").order_by("currency")
    found = sums.annotate(count=Count("pk"), sum=Sum("open_amount"))
    return [(one["count"], Money(int(one["sum"]), one["currency"])) for one in found]
