"""Answers of last resort: a problem for machines, a page for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views import defaults

from config.middleware import is_from_a_machine
from core.errors import InvalidInput
from core.problems import ServerFailed, problem_response

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase


class RequestRefused(InvalidInput):
    code = "request_refused"
    status = 400


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what is refused before any view sees it."""
    if is_from_a_machine(request):
        return problem_response(RequestRefused())
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer where we failed. Nothing of the failure is told."""
    if is_from_a_machine(request):
        return problem_response(ServerFailed())
    return defaults.server_error(request)
