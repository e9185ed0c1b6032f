"""The rail: what happens with a payment, and the acts beneath it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.policy import Permission, needs
from crm.views.customers import get_or_404
from payments import desk, errors
from payments.forms import ActForm, DestinationForm, new_operation
from payments.models import CheckoutSession, PaymentEvent
from payments.services import intents, taking
from payments.services.destinations import Destination, destinations_of
from payments.views.once import once
from payments.views.pay_context import panel_context, places_of
from payments.views.rail_context import rail_context

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest
    from payments.models import PaymentIntent

JUST_SENT = timedelta(seconds=10)


@needs(Permission.VIEW_PAYMENT)
@require_safe
def rail(request: AgentRequest, public_id: str) -> HttpResponse:
    """Answer the rail of a customer as it is now; the panels beside it are told to look again."""
    response = render(request, "payments/rail.html#live", rail_context(get_or_404(public_id)))
    response["HX-Trigger"] = "payments-changed"
    return response


@needs(Permission.TAKE_PAYMENT)
@require_POST
def resend(request: AgentRequest, public_id: str) -> HttpResponse:
    """Send the link again to where it went; a new link where it no longer works.

    Within ten seconds of the last message nothing is sent: that was a second press.
    """
    intent = get_intent_or_404(public_id)
    form = ActForm(request.POST)
    if form.is_valid():
        with form.refusals(), once(request, form.cleaned_data["operation"], prefix="rs") as made:
            if not made.is_replay and not _was_just_sent(intent):
                place = _last_place(intent)
                taking.send_again(intent=intent, destination=place, actor=request.user)
    if isinstance(form.refusal, errors.LinkStillPayable):
        return _other(request, intent, form)
    return answer(request, intent, form)


@needs(Permission.TAKE_PAYMENT)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("typed")
def other(request: AgentRequest, public_id: str) -> HttpResponse:
    """Send the link elsewhere, or a new one; GET asks where."""
    intent = get_intent_or_404(public_id)
    if request.method != "POST":
        return _other(request, intent, DestinationForm())
    form = DestinationForm(request.POST)
    if form.is_valid():
        with form.refusals("typed"):
            _send_elsewhere(request, intent, form)
    return _other(request, intent, form) if form.errors else answer(request, intent, form)


@needs(Permission.CANCEL_PAYMENT)
@require_POST
def cancel(request: AgentRequest, public_id: str) -> HttpResponse:
    """Call a payment off. Safe to repeat; refused once money was taken."""
    intent = get_intent_or_404(public_id)
    form = ActForm(request.POST)
    if form.is_valid():
        with form.refusals(), once(request, form.cleaned_data["operation"], prefix="xx") as made:
            if not made.is_replay:
                intents.cancel_intent(intent_id=intent.pk, actor=request.user)
    return answer(request, intent, form)


def _send_elsewhere(request: AgentRequest, intent: PaymentIntent, form: DestinationForm) -> None:
    customer = intent.customer
    place = form.place(customer, destinations_of(customer))
    with once(request, form.cleaned_data["operation"], prefix="rs") as made:
        if made.is_replay:
            return
        taking.send_again(
            intent=intent,
            destination=place,
            actor=request.user,
            wants_new_link=form.cleaned_data["wants_new_link"],
            replaces_open_page=form.cleaned_data["replaces_open_page"],
        )


def answer(request: AgentRequest, intent: PaymentIntent, form: ActForm) -> HttpResponse:
    """The rail after an act, with the refusal in its place; without htmx the payment's page."""
    customer = intent.customer
    if not request.htmx and not form.errors:
        return redirect("payments:detail", intent.public_id)
    context = {
        **panel_context(request.user, customer),
        **rail_context(customer),
        "refusal": " ".join(form.sentences),
        "oob_panel": not form.errors,
    }
    template = "payments/rail_answer.html" if request.htmx else "payments/panel_page.html"
    return render(request, template, context, status=form.status)


def _other(request: AgentRequest, intent: PaymentIntent, form: ActForm) -> HttpResponse:
    """The question where else to send, with what was typed and what was refused."""
    asks_replace = isinstance(form.refusal, errors.LinkStillPayable)
    context: dict[str, Any] = {
        "intent": intent,
        "customer": intent.customer,
        "places": places_of(intent.customer),
        "form": form if form.is_bound else None,
        "typed": form.kept("typed"),
        "wanted": form.data.get("destination", "") if asks_replace else "",
        "asks_replace": asks_replace,
        "operation": new_operation(),
    }
    template = "payments/other.html" if request.htmx else "payments/act_page.html"
    return render(request, template, {**context, "act": "payments/other.html"}, status=form.status)


def get_intent_or_404(public_id: str) -> Any:
    """The payment of an address, with its figures and its customer. Raises Http404."""
    intent = desk.with_figures(public_id)
    if intent is None:
        raise Http404
    return intent


def _last_place(intent: PaymentIntent) -> Destination:
    session = CheckoutSession.objects.filter(intent=intent).exclude(destination="").last()
    if session is None:
        raise errors.NoWayToSend
    return Destination(session.channel, session.destination, session.language)


def _was_just_sent(intent: PaymentIntent) -> bool:
    since = timezone.now() - JUST_SENT
    queued = PaymentEvent.objects.filter(intent=intent, subject_kind="session", status="queued")
    return queued.filter(created_at__gte=since).exists()
