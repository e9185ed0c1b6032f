"""Help: of the screen one is on, of every other one, and found by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from core import pan
from core.policy import needs_sign_in
from crm import help as helping

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest

LONGEST_TERM = 100


@needs_sign_in
@sensitive_post_parameters("term")
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: AgentRequest) -> HttpResponse:
    """The help of every screen, or of those that speak of all words asked for.

    The term travels in the body, as in every search: no log keeps it.
    """
    term = pan.mask(request.POST.get("term", "")[:LONGEST_TERM]).strip()
    language = _language()
    found = helping.search(term, language) if term else helping.screens(language)
    return render(request, "crm/help_index.html", {"term": term, "screens": found})


@needs_sign_in
@require_safe
def screen(request: AgentRequest, name: str) -> HttpResponse:
    """The help of one screen: a page of its own, or what the panel beside the work shows."""
    found = helping.find(name, _language())
    if found is None:
        raise Http404
    template = "crm/help.html#screen" if request.htmx else "crm/help.html"
    return render(request, template, {"screen": found})


def _language() -> str:
    return (get_language() or helping.ENGLISH)[:2]
