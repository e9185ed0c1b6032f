"""What surrounds every request: its id, who asks, how long they may, and the second factor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.utils import translation

from core import context, pan, policy, second_factor, sessions, statements
from core.ids import make_public_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http import HttpRequest, HttpResponseBase

    from core.models import User

REQUEST_ID_HEADER = "X-Request-ID"
SELF_REFRESHING = frozenset(
    {"core:stream", "core:versions", "reporting:figures", "reporting:now-figures"}
)
NAMESPACE_OF_FACTORS = "mfa_"
ALWAYS_OPEN = frozenset({"account_login", "account_logout", "account_reauthenticate"})

_USABLE_ID = re.compile(r"[A-Za-z0-9_.\-]{8,64}")


class RequestContextMiddleware:
    """Give every request an id, or keep the proxy's, and say it in the answer.

    Where `SERVER_TIMING` is on it says how many statements the answer took, too.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._answer(request)
        with context.entered(_context_of(request)) as current:
            return _telling(current, self.get_response(request))

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        with context.entered(_context_of(request)) as current:
            return _telling(current, await self.get_response(request))


class SignedInMiddleware:
    """Hold signed-in people to the rules: session times, second factor, their own language.

    Pages marked public stay open; machines have no session and pass.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_: Any
    ) -> HttpResponseBase | None:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return None
        context.current().actor = user
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        if getattr(view, "permission", None) == policy.PUBLIC:
            return None
        return _ended(request) or _unproved(request, user)


def _ended(request: HttpRequest) -> HttpResponseBase | None:
    refreshes_itself = _view_name(request) in SELF_REFRESHING
    is_kept = sessions.keep_or_end(request, is_touch=not refreshes_itself)
    return None if is_kept else policy.sign_in_first(request)


def _unproved(request: HttpRequest, user: User) -> HttpResponseBase | None:
    name = _view_name(request)
    if name in ALWAYS_OPEN or name.startswith(NAMESPACE_OF_FACTORS):
        return None
    page = second_factor.missing_step(request, user)
    return policy.sign_in_first(request, page=page) if page else None


def _view_name(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else ""


def _telling(current: context.RequestContext, response: HttpResponseBase) -> HttpResponseBase:
    response[REQUEST_ID_HEADER] = current.request_id
    if settings.SERVER_TIMING:
        response[statements.HEADER] = statements.told(current)
    return response


def _context_of(request: HttpRequest) -> context.RequestContext:
    given = request.headers.get(REQUEST_ID_HEADER, "")
    is_usable = _USABLE_ID.fullmatch(given) and not pan.looks_like_card(given)
    request_id = given if is_usable else make_public_id("req")
    return context.RequestContext(request_id, address=request.META.get("REMOTE_ADDR", ""))
