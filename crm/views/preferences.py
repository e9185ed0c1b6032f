"""How the screens look and listen, for each person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST

from core.models import User
from core.policy import needs_sign_in, public
from crm.forms import SettingsForm

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.views.requests import AgentRequest

ONE_YEAR = 365 * 24 * 60 * 60


@needs_sign_in
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: AgentRequest) -> HttpResponse:
    """How the desk looks and listens for the one who is signed in."""
    if request.method != "POST":
        return render(request, "crm/settings.html", {"form": SettingsForm(instance=request.user)})
    form = SettingsForm(request.POST, instance=request.user)
    if not form.is_valid():
        return render(request, "crm/settings.html", {"form": form}, status=422)
    user = form.save()
    with override(user.language or None):
        messages.success(request, _("Saved."))
    return with_language(redirect("crm:settings"), user.language)


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language of this browser, and of the account when somebody is signed in."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(_next(request))
    if language not in dict(settings.LANGUAGES):
        return response
    if isinstance(request.user, User) and request.user.language != language:
        request.user.language = language
        request.user.save(update_fields=["language"])
    return with_language(response, language)


@needs_sign_in
@require_POST
def set_theme(request: AgentRequest) -> HttpResponse:
    """Light, dark, or as the device says."""
    theme = request.POST.get("theme", "")
    if theme in User.Theme.values and request.user.theme != theme:
        request.user.theme = theme
        request.user.save(update_fields=["theme"])
    return HttpResponseRedirect(_next(request))


def with_language[Response: HttpResponse](response: Response, language: str) -> Response:
    """The response, with the cookie that the language is read from; none means the browser's."""
    if not language:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=ONE_YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response


def _next(request: HttpRequest) -> str:
    """Where the person was, never another site."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else "/"
