"""Instalments of what is ticked on the Pay panel: the question, its preview, and the plan."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core import policy
from core.errors import DomainError
from core.jobs import business_date
from core.money import EXPONENTS
from core.policy import Permission, needs
from crm.views.customers import get_or_404
from orders import instalments
from orders.models import InstalmentPlan
from orders.services import plans
from orders.services.plans import Planned
from payments import desk, errors
from payments.forms import DEFAULT_CURRENCY, chosen_place, read_amount
from payments.plan_forms import PlanForm
from payments.services import planning
from payments.services.destinations import destinations_of
from payments.views.once import once
from payments.views.pay_context import operation_of, places_of
from payments.views.ways import CHANGED, answer, kept_of, shown_of

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from core.models import User
    from crm.models import Customer
    from crm.views.requests import AgentRequest
    from payments.models import PaymentMethod

USUAL_PARTS = 3
ASK = "payments/way_instalments.html"
PREVIEW = "payments/instalments_preview.html"
TYPED = ("parts", "first_on", "rhythm", "saved_method")


@needs(Permission.ARRANGE_PAYMENT)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("amount")
def ask(request: AgentRequest, public_id: str) -> HttpResponse:
    """Ask in how many parts, and from when on, what is ticked will be paid. Nothing is changed."""
    customer = get_or_404(public_id)
    place = next(iter(places_of(customer)), None)
    shown = {
        "parts": str(USUAL_PARTS),
        "first_on": business_date().isoformat(),
        "rhythm": InstalmentPlan.Rhythm.MONTHLY.value,
        "saved_method": "",
        "destination": place.key if place else "",
    }
    return _ask(request, customer, {**shown_of(request, customer), **shown})


@needs(Permission.ARRANGE_PAYMENT)
@require_POST
@sensitive_post_parameters("amount")
def preview(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show every part and its day for what is typed now. Nothing is changed."""
    customer = get_or_404(public_id)
    shown = _typed(request.POST)
    methods = _methods_for(request.user, customer)
    return render(request, PREVIEW, {**shown, **_preview(customer, shown, methods)})


@needs(Permission.ARRANGE_PAYMENT)
@require_POST
@sensitive_post_parameters("amount")
def make(request: AgentRequest, public_id: str) -> HttpResponse:
    """Make the plan, once per form; an open link closes, the part of today is asked for at once."""
    customer = get_or_404(public_id)
    form = PlanForm(request.POST, open_items=desk.open_items(customer.pk))
    made: InstalmentPlan | None = None
    if form.is_valid():
        with form.refusals():
            made = _make(request, customer, form)
    if made is None:
        kept = {name: form.kept(name) for name in TYPED}
        return _ask(request, customer, {**kept_of(form), **kept}, form)
    if not request.htmx:
        return redirect("crm:customer-tab", customer.public_id, "pay")
    parts = list(made.instalments.select_related("plan").order_by("position"))
    response = render(request, "payments/way_planned.html", {"plan": made, "parts": parts})
    response["HX-Trigger"] = CHANGED
    return response


def _make(request: AgentRequest, customer: Customer, form: PlanForm) -> InstalmentPlan:
    data = form.cleaned_data
    with once(request, data["operation"], prefix="plan") as reservation:
        if reservation.is_replay:
            return InstalmentPlan.objects.get(public_id=reservation.public_id)
        planned = Planned(
            customer=customer,
            invoice_ids=[invoice.pk for invoice in form.chosen],
            amount=data["money"],
            parts=data["parts"],
            first_on=data["first_on"],
            rhythm=data["rhythm"],
        )
        place = data["destination"] and chosen_place(form, destinations_of(customer))
        return planning.agree(
            planned,
            actor=request.user,
            method=_chosen_method(request.user, customer, data["saved_method"]),
            confirm_to=place or None,
            replaces_open_page=data["replaces_open_page"],
            public_id=reservation.public_id,
        )


def _methods_for(user: User, customer: Customer) -> list[PaymentMethod]:
    """The saved methods that this person may charge for the customer."""
    if not policy.allows(user, Permission.TAKE_PAYMENT):
        return []
    return desk.saved_methods(customer.pk)


def _chosen_method(user: User, customer: Customer, public_id: str) -> PaymentMethod | None:
    if not public_id:
        return None
    methods = _methods_for(user, customer)
    found = next((one for one in methods if one.public_id == public_id), None)
    if found is None:
        raise errors.MethodNotOffered
    return found


def _typed(data: QueryDict) -> dict[str, str]:
    currency = data.get("currency", "")
    return {
        **{name: data.get(name, "") for name in TYPED},
        "amount": data.get("amount", ""),
        "currency": currency if currency in EXPONENTS else DEFAULT_CURRENCY,
    }


def _preview(
    customer: Customer, shown: dict[str, Any], methods: list[PaymentMethod]
) -> dict[str, Any]:
    """The parts as they would be, or why there can be none; what to read aloud before a charge."""
    try:
        parts = plans.preview(
            read_amount(shown["amount"], shown["currency"]),
            parts=int(shown["parts"]),
            first_on=dt.date.fromisoformat(shown["first_on"]),
            rhythm=shown["rhythm"],
        )
    except DomainError as error:
        return {"trouble": str(error)}
    except (ValueError, ValidationError):
        return {"trouble": "", "parts_shown": []}
    method = next((one for one in methods if one.public_id == shown["saved_method"]), None)
    language = customer.language
    sentence = (
        planning.sentence_of(parts, rhythm=shown["rhythm"], method=method, language=language)
        if method is not None
        else ""
    )
    is_now = parts[0].due_on <= business_date()
    return {
        "parts_shown": parts,
        "sentence": sentence,
        "sentence_language": language,
        "is_now": is_now,
    }


def _ask(
    request: AgentRequest,
    customer: Customer,
    shown: dict[str, Any],
    form: PlanForm | None = None,
) -> HttpResponse:
    methods = _methods_for(request.user, customer)
    context = {
        **shown,
        **_preview(customer, shown, methods),
        "customer": customer,
        "count": len(shown["items"]),
        "operation": operation_of(form),
        "form": form,
        "methods": methods,
        "rhythms": InstalmentPlan.Rhythm.choices,
        "fewest": instalments.FEWEST_PARTS,
        "most": settings.INSTALMENT_MOST_PARTS,
        "first_day": business_date(),
        "last_day": plans.latest_day(),
        "place": next(iter(places_of(customer)), None),
        "asks_replace": form is not None and isinstance(form.refusal, errors.LinkStillPayable),
    }
    return answer(request, ASK, context, form)
