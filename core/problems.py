"""Errors as RFC 9457 problems: what went wrong, which field, and a page that explains it."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connections
from django.http import Http404, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, status
from rest_framework.response import Response

from core import context, pan
from core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from core.json_body import BodyTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MEDIA_TYPE = "application/problem+json"

RETRY_AFTER_S = 5
LONGEST_NAME = 80

logger = logging.getLogger(__name__)


class ParametersRefused(exceptions.ValidationError):
    """Something is wrong with the query. Its entries name a parameter, not a place in a body."""


class Unavailable(DomainError):
    """The database does not answer, or made this request give way to another."""

    code = "unavailable"
    status = 503
    message = _("This is not possible just now. Repeat the request in a moment, with the same key.")


class ServerFailed(DomainError):
    """A mistake of ours. What became of the request can be read by repeating it with its key."""

    code = "server_failed"
    status = 500
    message = _("Something went wrong here. It was noted under the id of this request.")


CODES: dict[type[exceptions.APIException], str] = {
    exceptions.ValidationError: InvalidInput.code,
    exceptions.ParseError: "body_unreadable",
    exceptions.NotAuthenticated: "not_authenticated",
    exceptions.AuthenticationFailed: "not_authenticated",
    exceptions.PermissionDenied: NotAllowed.code,
    exceptions.NotFound: NotFound.code,
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.Throttled: "too_many_requests",
    BodyTooLarge: BodyTooLarge.default_code,
}


def exception_handler(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """Answer every expected error of the API as a problem; let the unexpected ones through."""
    error = _of_django(error)
    if isinstance(error, DomainError):
        body, headers = _domain_problem(error), _retry_after(error)
    elif isinstance(error, exceptions.APIException):
        body, headers = _api_problem(error), _headers_of(error)
    else:
        return None
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block and connection.settings_dict["ATOMIC_REQUESTS"]:
            connection.set_rollback(True)
    return Response(body, status=body["status"], headers=headers, content_type=MEDIA_TYPE)


def problem_response(error: DomainError) -> JsonResponse:
    """Answer a domain error as a problem, for views outside of the API."""
    body = _domain_problem(error)
    return JsonResponse(body, status=error.status, content_type=MEDIA_TYPE)


def problem(*, code: str, status: int, detail: str) -> dict[str, Any]:
    """Build the members that every problem has. `type` is an address in our documentation."""
    return {
        "type": f"/docs/problems/{code}/",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": context.current().request_id,
    }


def _domain_problem(error: DomainError) -> dict[str, Any]:
    body = problem(code=error.code, status=error.status, detail=str(error))
    if error.field:
        pointer = _pointer([*error.field.split(".")])
        body["errors"] = [{"pointer": pointer, "code": error.code, "detail": str(error)}]
    return body


def _api_problem(error: exceptions.APIException) -> dict[str, Any]:
    code = next((CODES[kind] for kind in type(error).__mro__ if kind in CODES), "error")
    if not isinstance(error, exceptions.ValidationError):
        return problem(code=code, status=error.status_code, detail=str(error.detail))
    found = list(_errors(error.detail, []))
    if isinstance(error, ParametersRefused):
        found = [_about_parameter(entry) for entry in found]
    detail = " ".join(dict.fromkeys(entry["detail"] for entry in found))
    body = problem(code=code, status=status.HTTP_422_UNPROCESSABLE_ENTITY, detail=detail)
    return {**body, "errors": found}


def _errors(detail: Any, path: list[str]) -> Iterator[dict[str, str]]:
    """Yield one entry per message, with a JSON pointer (RFC 6901) to what it is about."""
    if isinstance(detail, dict):
        for name, value in detail.items():
            inner = path if name == "non_field_errors" else [*path, str(name)]
            yield from _errors(value, inner)
    elif isinstance(detail, list):
        for index, value in enumerate(detail):
            is_row = isinstance(value, dict | list)
            yield from _errors(value, [*path, str(index)] if is_row else path)
    else:
        code = getattr(detail, "code", None) or InvalidInput.code
        yield {"pointer": _pointer(path), "code": code, "detail": str(detail)}


def _about_parameter(entry: Mapping[str, str]) -> dict[str, str]:
    """Name the parameter: there is no body that a pointer could point into."""
    return {
        "parameter": entry["pointer"].removeprefix("#/"),
        "code": entry["code"],
        "detail": entry["detail"],
    }


def _pointer(path: list[str]) -> str:
    parts = (_printable(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "#" + "".join("/" + part for part in parts)


def _printable(name: str) -> str:
    """Give a name, which may come from outside, in a form that can be repeated to its sender."""
    return pan.mask(name[:LONGEST_NAME].encode(errors="replace").decode())


def _of_django(error: Exception) -> Exception:
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("the database refused a request", exc_info=error)
        return Unavailable()
    return NotAllowed() if isinstance(error, PermissionDenied) else error


def _retry_after(error: DomainError) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, Unavailable) else {}


def _headers_of(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, int(wait)))
    return headers
