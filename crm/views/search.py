"""The one search box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.policy import Permission, needs
from crm.models import SearchKey
from crm.search import find_customers

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.search import Match
    from crm.views.requests import AgentRequest

MOST_SHOWN = 12


@needs(Permission.SEARCH)
@never_cache
@sensitive_post_parameters("term")
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: AgentRequest) -> HttpResponse:
    """Customers who match, each with the reason. The term travels in the body: no log keeps it."""
    term = request.POST.get("term", "").strip()
    context = {"term": term, **_found(term)}
    template = "crm/search.html#found" if request.htmx else "crm/search.html"
    return render(request, template, context)


def _found(term: str) -> dict[str, Any]:
    try:
        return {"rows": with_kinds(find_customers(term, limit=MOST_SHOWN) if term else [])}
    except DomainError as error:
        return {"refusal": str(error)}


def with_kinds(matches: list[Match]) -> list[tuple[Match, str]]:
    """Each match beside the word for what matched."""
    kinds = dict(SearchKey.Kind.choices)
    return [(match, str(kinds.get(match.reason_kind, ""))) for match in matches]
