"""What every page that a customer opens by a secret address has in common, whatever it is for.

The secret is the only key: no cookie opens or changes anything here, so a forged form of
another site would need the secret, too. These pages send no referrer, which is why Django's
own check of where a form came from cannot be used on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language_info

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from django.http import HttpRequest, HttpResponse

SECRET_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}


class SeeOther(HttpResponseRedirect):
    """Leads on with a GET, whatever was asked for."""

    status_code = 303


def is_from_another_site(request: HttpRequest) -> bool:
    """Say whether a page of another site sent this form. A followed link is no form."""
    return request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site"


def language_of(request: HttpRequest, otherwise: str) -> str:
    """Return the language asked for in the address, else the one given."""
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else otherwise


def in_visitors_language(request: HttpRequest) -> AbstractContextManager[None]:
    """Speak the language asked for in the address, else the browser's."""
    return translation.override(language_of(request, translation.get_language() or "en"))


def not_found(request: HttpRequest) -> HttpResponse:
    """Answer 404 in the visitor's language, and tell nothing."""
    with in_visitors_language(request):
        return kept_secret(page(request, "payments/pay_not_found.html", {}, status=404))


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a customer's page in the active language, with the links to the other ones."""
    shared = {
        "merchant": settings.MERCHANT_NAME,
        "languages": [get_language_info(code) for code, _ in settings.LANGUAGES],
        "address": request.path,
    }
    return render(request, template, shared | context, status=status)


def kept_secret(response: HttpResponse) -> HttpResponse:
    """Keep the address from other sites, search engines and caches."""
    for name, value in SECRET_HEADERS.items():
        response[name] = value
    response["Content-Language"] = translation.get_language() or "en"
    return response
