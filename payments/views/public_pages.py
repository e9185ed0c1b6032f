"""What every page that a customer opens by a secret address has in common.

The secret is the only key: no cookie opens or changes anything here, so a forged form of
another site would need the secret, too. These pages send no referrer, which is why Django's
own check of where a form came from cannot be used on them.
"""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import get_language_info
from django.views.decorators.csrf import csrf_exempt

from core import policy, rows
from crm.models import Customer
from orders.models import Order
from payments.models import CheckoutSession, PaymentIntent
from payments.services import links

if TYPE_CHECKING:
    from collections.abc import Callable
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


def for_link_holders(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a view to whoever holds the secret of a pay link, in the language of the link.

    The view gets the session. A wrong secret, an unknown link and a form that another site
    sent are answered alike, by a calm 404.
    """

    @wraps(view)
    def guarded(request: HttpRequest, session_id: str, secret: str) -> HttpResponse:
        session = find_session(session_id, secret)
        if session is None or is_from_another_site(request):
            return not_found(request)
        with translation.override(language_of(request, session.language)):
            return kept_secret(view(request, session))

    return csrf_exempt(policy.public(guarded))


def find_session(session_id: str, secret: str) -> CheckoutSession | None:
    """Return the session that the address opens, with its intent and customer."""
    found = rows.read(CheckoutSession, "WHERE public_id = %s AND kind = 'link'", [session_id])
    if not found or not links.is_secret_of(found[0], secret):
        return None
    intents = rows.follow(found, "intent", PaymentIntent)
    rows.follow(intents, "customer", Customer)
    rows.follow(intents, "order", Order)
    return found[0]


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
