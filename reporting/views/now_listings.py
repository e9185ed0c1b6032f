"""The rows behind the figures of the board that no other page lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.policy import Permission, needs
from crm.views.countless import page_of
from reporting import now_rows
from reporting.now_rows import Calls, Deliveries, Instalments, Promises, Undelivered
from reporting.views.asking import one_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.VIEW_REPORTS)
@require_safe
def calls(request: AgentRequest) -> HttpResponse:
    """Calls of one kind: those of now the longest first, those of today the newest first."""
    which = _kind(request, Calls.values)
    order = "pk" if which in {Calls.RINGING, Calls.ON_LINE} else "-pk"
    rows = now_rows.calls(which)
    shown = rows.select_related("agent", "customer").order_by(order)
    context = {
        "which": Calls(which).label,
        "count": rows.count(),
        "page": page_of(shown, request.GET.get("page", "")),
    }
    return render(request, "reporting/calls.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def unanswered(request: AgentRequest) -> HttpResponse:
    """Requests to providers without an answer, the oldest first."""
    rows = now_rows.unanswered()
    shown = rows.select_related("intent__customer", "account").order_by("created_at", "pk")
    page = page_of(shown, request.GET.get("page", ""))
    return render(request, "reporting/unanswered.html", {"count": rows.count(), "page": page})


@needs(Permission.VIEW_REPORTS)
@require_safe
def deliveries(request: AgentRequest) -> HttpResponse:
    """Deliveries of providers that wait to be worked off, the oldest first."""
    rows = now_rows.deliveries(Deliveries.WAITING)
    shown = rows.select_related("account").order_by("received_at", "pk")
    page = page_of(shown, request.GET.get("page", ""))
    return render(request, "reporting/deliveries.html", {"count": rows.count(), "page": page})


@needs(Permission.VIEW_REPORTS)
@require_safe
def messages(request: AgentRequest) -> HttpResponse:
    """Messages of today that did not reach the customer, the newest first."""
    which = _kind(request, Undelivered.values)
    rows = now_rows.undelivered(which)
    shown = rows.select_related("customer").order_by("-created_at", "-pk")
    context = {
        "which": Undelivered(which).label,
        "count": rows.count(),
        "page": page_of(shown, request.GET.get("page", "")),
    }
    return render(request, "reporting/messages.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def promises(request: AgentRequest) -> HttpResponse:
    """Promises that are due or were broken today, the oldest first."""
    which = _kind(request, Promises.values)
    rows = now_rows.promises(which)
    shown = rows.select_related("customer", "made_by").order_by("due_on", "pk")
    context = {
        "which": Promises(which).label,
        "count": rows.count(),
        "page": page_of(shown, request.GET.get("page", "")),
    }
    return render(request, "reporting/promises.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def instalments(request: AgentRequest) -> HttpResponse:
    """Parts of plans that are due or were missed today, the oldest first."""
    which = _kind(request, Instalments.values)
    rows = now_rows.instalments(which)
    shown = rows.select_related("plan__customer").order_by("due_on", "pk")
    context = {
        "which": Instalments(which).label,
        "count": rows.count(),
        "page": page_of(shown, request.GET.get("page", "")),
    }
    return render(request, "reporting/instalments.html", context)


def _kind(request: AgentRequest, known: list[str]) -> str:
    """Read which rows are meant. There is no list of all of them."""
    asked = one_of(request, "which", known)
    if not asked:
        raise Http404
    return asked
