"""Who may open a pay page: whoever holds the secret of its address."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from core import policy, rows
from crm.models import Customer
from crm.views.public_pages import is_from_another_site, kept_secret, language_of, not_found
from orders.models import Order
from payments.models import CheckoutSession, PaymentIntent
from payments.services import links

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


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
