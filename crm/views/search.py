"""The one box: who is calling, where to go, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.http import Http404
from django.shortcuts import render
from django.urls import resolve
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.policy import Permission, needs
from crm import palette, practice
from crm.models import SearchKey
from crm.search import find_customers

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.palette import Act
    from crm.search import Match
    from crm.views.requests import AgentRequest

MOST_SHOWN = 12


@needs(Permission.SEARCH)
@never_cache
@sensitive_post_parameters("term", "act")
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: AgentRequest) -> HttpResponse:
    """Customers who match, each with the reason; beside them the acts that do.

    The term travels in the body: no log keeps it.
    """
    term = request.POST.get("term", "").strip()
    context = {"term": term, **_found(term, is_practice=practice.is_on(request))}
    if not request.htmx:
        return render(request, "crm/search.html", context)
    if "refusal" not in context:
        context["acts"] = palette.answering(_acts(request), term)
    return render(request, "crm/search.html#found", context)


def _found(term: str, *, is_practice: bool) -> dict[str, Any]:
    try:
        found = find_customers(term, limit=MOST_SHOWN, is_practice=is_practice) if term else []
        return {"rows": with_kinds(found)}
    except DomainError as error:
        return {"refusal": str(error)}


def _acts(request: AgentRequest) -> list[Act]:
    """What the person may do on the page where the box was opened."""
    path = _path_of(request.headers.get("HX-Current-URL", ""))
    return palette.acts_for(
        request.user,
        path=path,
        customer_id=_customer_of(path),
        on_page=request.POST.getlist("act"),
    )


def _path_of(address: str) -> str:
    """The path of an address, or nothing where it is none."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def _customer_of(path: str) -> str:
    """The public id of the customer whose page this is, or nothing."""
    try:
        match = resolve(path)
    except Http404:
        return ""
    is_customers = match.route.startswith("customers/<slug:public_id>/")
    return str(match.kwargs["public_id"]) if is_customers else ""


def with_kinds(matches: list[Match]) -> list[tuple[Match, str]]:
    """Each match beside the word for what matched."""
    kinds = dict(SearchKey.Kind.choices)
    return [(match, str(kinds.get(match.reason_kind, ""))) for match in matches]
