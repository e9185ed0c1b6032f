"""What the API tells everybody about itself: its description, its reference, its problems."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_safe

from core import api_reference, openapi, problem_catalogue, problems
from core.errors import NotFound
from core.policy import public

if TYPE_CHECKING:
    from django.http import HttpRequest


@public
@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/openapi.json."""
    del request
    return HttpResponse(_description(), content_type="application/json")


@public
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """GET /api/v1/docs/: the same, for people. In English, as the names are."""
    del request
    return HttpResponse(_reference())


@public
@require_safe
def problem_list(request: HttpRequest) -> HttpResponse:
    """GET /docs/problems/."""
    return render(request, "api/problems.html", {"entries": problem_catalogue.entries()})


@public
@require_safe
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """GET /docs/problems/<code>/: where the `type` of a problem leads."""
    entry = problem_catalogue.find(code)
    if entry is None:
        raise Http404
    return render(request, "api/problem.html", {"entry": entry})


@public
def nothing_here(request: HttpRequest, path: str) -> JsonResponse:
    """Answer every address under /api/ that is none."""
    del request, path
    return problems.problem_response(NotFound())


@cache
def _description() -> bytes:
    return json.dumps(openapi.document(), ensure_ascii=False).encode()


@cache
def _reference() -> str:
    document = openapi.document()
    context = {
        "document": document,
        "sections": api_reference.sections(document),
        "shapes": api_reference.shapes(document),
    }
    with translation.override("en"):
        return render_to_string("api/reference.html", context)
