"""The customer's pay page. Reading it changes nothing, for scanners follow links, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from core import context, policy
from core.errors import DomainError
from crm.views.public_pages import (
    SeeOther,
    in_visitors_language,
    kept_secret,
    not_found,
    page,
)
from payments import errors
from payments.models import CheckoutSession, PaymentAttempt
from payments.services import checkout, languages, links, reading
from payments.views.pay_page import PayPage, State, open_context
from payments.views.public_pages import find_session, for_link_holders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise

RETURNED = "back"
LEFT = "left"

TEMPLATES = {
    State.OPEN: "payments/pay.html",
    State.CHECKING: "payments/pay_checking.html",
    State.PAID: "payments/pay_paid.html",
    State.RESERVED: "payments/pay_paid.html",
    State.PARTLY_PAID: "payments/pay_paid.html",
    State.EXPIRED: "payments/pay_over.html",
    State.CLOSED: "payments/pay_over.html",
    State.CANCELED: "payments/pay_over.html",
}

# The errors speak to the agent; these sentences say the same to the customer.
PROBLEMS: dict[str, StrOrPromise] = {
    errors.ProviderDidNotAnswer.code: _(
        "The payment service does not answer just now. Nothing was charged."
        " Try again in a moment, or choose another way to pay."
    ),
    errors.OldPageStillOpen.code: _(
        "The payment you started is still open. Continue it, or choose another way in a moment."
    ),
    errors.MethodNotOffered.code: _("This way to pay is not offered. Choose another one."),
    errors.AlreadyBeingPaid.code: _(
        "A payment of this is already under way. Wait a moment before you pay again."
    ),
}
OTHERWISE = _("This did not work. Nothing was charged. Try again in a moment.")
"""For what only a mistake of ours can cause."""


@for_link_holders
@require_safe
def pay(request: HttpRequest, session: CheckoutSession) -> HttpResponse:
    """Show how the link stands, and the ways to pay while it is open.

    Who comes back from the provider after the news did is led to the receipt, as who waits is.
    """
    shown = PayPage(session, has_returned=RETURNED in request.GET)
    receipt = _receipt(shown) if RETURNED in request.GET else ""
    return SeeOther(receipt) if receipt else _page(request, shown)


@for_link_holders
@require_safe
def state(request: HttpRequest, session: CheckoutSession) -> HttpResponse:
    """Tell the waiting page how the payment stands now, and where it leads."""
    shown = PayPage(session, has_returned=RETURNED in request.GET)
    leads_to = _receipt(shown) or _address(request, session)
    return JsonResponse({"state": shown.state, "next": leads_to})


@for_link_holders
@require_POST
def opened(request: HttpRequest, session: CheckoutSession) -> HttpResponse:
    """The page's own script says that it is in front of somebody. Safe to repeat.

    An agent who looks at the page is not the customer; in the demo one browser plays both.
    """
    is_agent = request.user.is_authenticated and not settings.KUITTI_DEMO
    if session.opened_at is None and not is_agent:
        links.record_opened(session_id=session.pk)
    return HttpResponse(status=204)


@for_link_holders
@require_POST
def choose(request: HttpRequest, session: CheckoutSession) -> HttpResponse:
    """Lead the customer to the provider's page of a method. Safe to repeat: it is one page.

    A refusal shows the page again as it then is, and says what can be done.
    """
    method = request.POST.get("method", "")
    try:
        shown = PayPage(session)
        if method not in shown.offered():
            raise errors.MethodNotOffered
        if shown.state == State.OPEN:
            _note_customer(session)
        client = checkout.client_digest(context.current().address)
        checkout.choose_method(
            session_id=session.pk,
            method=method,
            client=client,
            saves_method=bool(request.POST.get("keep")),
        )
    except DomainError as error:
        return _refused(request, session, error)
    return SeeOther(_address(request, session, "pay-onward"))


@for_link_holders
@require_safe
def onward(request: HttpRequest, session: CheckoutSession) -> HttpResponse:
    """Send the browser on to the provider's page of the payment that was started.

    It is a page of its own because Chromium holds every redirect after a form to the list in
    `form-action`, the provider's own redirects to banks included. A page that leads on is not
    held to it, so no list of providers' hosts is needed and the list stays as strict as it is.
    """
    shown = PayPage(session)
    attempt = shown.live_attempt
    if shown.state != State.OPEN or attempt is None or shown.rests_until is not None:
        return SeeOther(_address(request, session))
    leads_to = iri_to_uri(attempt.page_url)
    response = page(request, "payments/pay_onward.html", {"leads_to": leads_to})
    response["Refresh"] = f"0; url={leads_to}"
    return response


@policy.public
@require_safe
def come_back(request: HttpRequest, attempt_id: str) -> HttpResponse:
    """The provider led the customer back: only a ring to read how it went, never a result."""
    rows = PaymentAttempt.objects.select_related("session", "intent").filter(public_id=attempt_id)
    attempt = rows.first()
    if attempt is None or attempt.session is None:
        return not_found(request)
    reading.ask_soon(attempt.pk)
    if attempt.session.kind == CheckoutSession.Kind.KEYED:
        return SeeOther(reverse("payments:detail", args=[attempt.intent.public_id]))
    address = reverse("payments:pay", args=_key(attempt.session))
    # What the address says only chooses the words of the next page.
    words = "" if LEFT in request.GET else f"?{RETURNED}=1"
    return kept_secret(SeeOther(address + words))


@policy.public
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """How accessible the customer's pages are, and where to complain."""
    with in_visitors_language(request):
        return page(request, "payments/pay_accessibility.html", {})


def _receipt(shown: PayPage) -> str:
    """Where a payment that is done leads, or nothing."""
    return shown.receipt_address if shown.state == State.PAID else ""


def _note_customer(session: CheckoutSession) -> None:
    """Whoever chooses a way to pay has opened the page, and reads this language."""
    if session.opened_at is None:
        links.record_opened(session_id=session.pk)
    language = get_language() or "en"
    if language != session.language:
        languages.remember_language(session_id=session.pk, language=language)


def _refused(request: HttpRequest, session: CheckoutSession, error: DomainError) -> HttpResponse:
    """Show the page as it stands after a refusal, with a sentence on what can be done."""
    problem = str(PROBLEMS.get(error.code, OTHERWISE))
    shown = PayPage(find_session(*_key(session)) or session)
    if isinstance(error, errors.TooManyDeclines):
        shown.rests_until = error.params["until"]
    return _page(request, shown, problem=problem, status=error.status)


def _page(
    request: HttpRequest, shown: PayPage, *, problem: str = "", status: int = 200
) -> HttpResponse:
    session = shown.session
    values: dict[str, Any] = {
        "shown": shown,
        "address": reverse("payments:pay", args=_key(session)),
        "reload_address": _address(request, session, keeps=("lang", RETURNED)),
        "method_address": _address(request, session, "pay-method"),
        "state_address": _address(request, session, "pay-state", keeps=("lang", RETURNED)),
        "opened_address": reverse("payments:pay-opened", args=_key(session)),
    }
    if shown.state == State.OPEN:
        values |= open_context(shown, problem)
    return page(request, TEMPLATES[shown.state], values, status=status)


def _address(
    request: HttpRequest,
    session: CheckoutSession,
    name: str = "pay",
    *,
    keeps: Sequence[str] = ("lang",),
) -> str:
    """Return an address of the link that keeps what was asked for in this one."""
    kept = QueryDict(mutable=True)
    kept.update({key: request.GET[key] for key in keeps if key in request.GET})
    address = reverse(f"payments:{name}", args=_key(session))
    return f"{address}?{kept.urlencode()}" if kept else address


def _key(session: CheckoutSession) -> list[str]:
    return [session.public_id, links.secret_of(session)]
