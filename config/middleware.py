"""Machines skip what only people need.

Webhooks and the API carry their own proof of who they are. Session, language,
message and CSRF work would cost them more than the work they came for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

MACHINE_PREFIXES = ("/webhooks/", "/api/", "/healthz", "/readyz")


def is_from_a_machine(request: HttpRequest) -> bool:
    """Whether the path belongs to callers without a session."""
    return request.path_info.startswith(MACHINE_PREFIXES)


class _ForPeople:
    """Lets the requests of machines pass untouched."""

    get_response: Callable[[HttpRequest], Any]

    def __call__(self, request: HttpRequest) -> Any:
        if is_from_a_machine(request):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class PeopleSession(_ForPeople, SessionMiddleware):
    pass


class PeopleLocale(LocaleMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        """Speak the visitor's language; to a machine always the default one."""
        if is_from_a_machine(request):
            translation.deactivate()
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        return (
            response if is_from_a_machine(request) else super().process_response(request, response)
        )


class PeopleAuthentication(_ForPeople, AuthenticationMiddleware):
    pass


class PeopleMessages(_ForPeople, MessageMiddleware):
    pass


class PeopleCsrf(_ForPeople, CsrfViewMiddleware):
    def process_view(
        self,
        request: HttpRequest,
        callback: Callable[..., HttpResponseBase],
        callback_args: tuple[Any, ...],
        callback_kwargs: dict[str, Any],
    ) -> Any:
        if is_from_a_machine(request):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)
