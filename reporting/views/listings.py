"""The rows behind each figure. What a figure was narrowed to stands in the address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db.models import Count, Sum
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.jobs import business_date
from core.money import Money
from core.policy import Permission, needs
from crm.views.countless import CountlessPage, page_number, page_of
from orders.models import Invoice
from payments.models import ProviderAccount
from reporting import figures, movements, rows
from reporting.days import asked_day
from reporting.movements import Cell, Kind
from reporting.rows import OVERDUE, STATUSES, Age, Outcome

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest

SIZE = 50
CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")


@needs(Permission.VIEW_REPORTS)
@require_safe
def money(request: AgentRequest) -> HttpResponse:
    """Money that moved on a day: taken, refunded, disputed."""
    cell = Cell(
        day=asked_day(request.GET.get("day", "")),
        currency=_code(request, "currency"),
        method=_code(request, "method"),
        account=_code(request, "account"),
        kind=_one_of(request, "kind", Kind.values),
    )
    number = page_number(request.GET.get("page", ""))
    found = movements.listed(cell, skip=(number - 1) * SIZE, limit=SIZE + 1)
    context = {
        "cell": cell,
        "kind": Kind(cell.kind).label if cell.kind else "",
        "provider": _provider(cell.account),
        "page": CountlessPage(found[:SIZE], number, has_next=len(found) > SIZE),
        "totals": figures.totals_of(movements.grouped(cell)),
    }
    return render(request, "reporting/money.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def attempts(request: AgentRequest) -> HttpResponse:
    """Attempts that were begun on a day, and how they ended."""
    day = asked_day(request.GET.get("day", ""))
    method, account = _code(request, "method"), _code(request, "account")
    outcome = _one_of(request, "outcome", Outcome.values)
    wanted = rows.attempts_begun(day)
    if method:
        wanted = wanted.filter(method=method)
    if account:
        wanted = wanted.filter(account__public_id=account)
    if outcome:
        wanted = wanted.filter(rows.in_statuses(STATUSES[outcome]))
    shown = wanted.select_related("intent__customer", "account").order_by("-created_at", "-pk")
    context = {
        "day": day,
        "method": method,
        "provider": _provider(account),
        "outcome": Outcome(outcome).label if outcome else "",
        "count": wanted.count(),
        "page": page_of(shown, request.GET.get("page", ""), SIZE),
    }
    return render(request, "reporting/attempts.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def owed(request: AgentRequest) -> HttpResponse:
    """Invoices of which something is owed now, the longest overdue first."""
    age = _one_of(request, "age", [*Age.values, OVERDUE])
    currency = _code(request, "currency")
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
    currency = _code(request, "currency")
    shown = rows.links_waiting(currency).select_related("intent__customer")
    context = {
        "currency": currency,
        "waiting": [one for one in figures.links_waiting() if currency in ("", one.sum.currency)],
        "page": page_of(shown.order_by("expires_at", "pk"), request.GET.get("page", ""), SIZE),
    }
    return render(request, "reporting/links.html", context)


def _one_of(request: AgentRequest, name: str, known: list[str]) -> str:
    """Read a choice. An unknown one would show other rows than were counted: it is not found."""
    asked = request.GET.get(name, "")
    if asked and asked not in known:
        raise Http404
    return asked


def _code(request: AgentRequest, name: str) -> str:
    """Read a currency, a method or an id. What cannot be one is not found."""
    asked = request.GET.get(name, "")
    if asked and not CODE.fullmatch(asked):
        raise Http404
    return asked


def _provider(account: str) -> str:
    """Name a provider account. Raises Http404 where there is none of that id."""
    if not account:
        return ""
    name = ProviderAccount.objects.filter(public_id=account).values_list("name", flat=True).first()
    if name is None:
        raise Http404
    return name


def _sums(invoices: QuerySet[Invoice]) -> list[tuple[int, Money]]:
    sums = invoices.values("currency").order_by("currency")
    found = sums.annotate(count=Count("pk"), sum=Sum("open_amount"))
    return [(one["count"], Money(int(one["sum"]), one["currency"])) for one in found]
