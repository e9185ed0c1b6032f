"""Other ways to settle what is ticked on the Pay panel: a promise, and what they share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core.jobs import business_date
from core.money import EXPONENTS
from core.policy import Permission, needs
from crm.views.customers import get_or_404
from orders.models import PromiseToPay
from orders.services import promises
from orders.services.promises import Promised
from payments import desk
from payments.forms import (
    DEFAULT_CURRENCY,
    ActForm,
    ItemsForm,
    PaymentForm,
    PromiseForm,
    chosen_place,
)
from payments.services.destinations import destinations_of
from payments.services.taking import Asked
from payments.views.once import once
from payments.views.pay_context import operation_of, panel_context, places_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.models import Customer
    from crm.views.requests import AgentRequest

# Told to the body: the form that asked is no longer there.
CHANGED = '{"payments-changed": {"target": "body"}}'


@needs(Permission.ARRANGE_PAYMENT)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("amount")
def promise(request: AgentRequest, public_id: str) -> HttpResponse:
    """Ask by when what is ticked will be paid. Nothing is changed.

    A POST brings what is ticked and typed now, which so stands in no log of addresses.
    """
    customer = get_or_404(public_id)
    shown = shown_of(request, customer)
    return _ask_promise(request, customer, {**shown, "day": promises.usual_day().isoformat()})


@needs(Permission.ARRANGE_PAYMENT)
@require_POST
@sensitive_post_parameters("amount")
def make_promise(request: AgentRequest, public_id: str) -> HttpResponse:
    """Write a promise down, once per form, and confirm it where that was ticked."""
    customer = get_or_404(public_id)
    form = PromiseForm(request.POST, open_items=desk.open_items(customer.pk))
    made: PromiseToPay | None = None
    if form.is_valid():
        with form.refusals():
            made = _promise(request, customer, form)
    if made is None:
        return _ask_promise(request, customer, kept_of(form), form=form)
    if not request.htmx:
        return redirect("crm:customer-tab", customer.public_id, "pay")
    answer = render(request, "payments/way_promised.html", {"promise": made})
    answer["HX-Trigger"] = CHANGED
    return answer


def _promise(request: AgentRequest, customer: Customer, form: PromiseForm) -> PromiseToPay:
    data = form.cleaned_data
    with once(request, data["operation"], prefix="ptp") as reservation:
        if reservation.is_replay:
            return PromiseToPay.objects.get(public_id=reservation.public_id)
        invoice_ids = [invoice.pk for invoice in form.chosen]
        made = promises.make_promise(
            Promised(customer, invoice_ids, data["money"], data["due_on"]),
            actor=request.user,
            public_id=reservation.public_id,
        )
        if data["destination"]:
            place = chosen_place(form, destinations_of(customer))
            promises.confirm(
                made,
                channel=place.channel,
                destination=place.address,
                language=place.language,
            )
        return made


def _ask_promise(
    request: AgentRequest,
    customer: Customer,
    shown: dict[str, Any],
    form: PromiseForm | None = None,
) -> HttpResponse:
    context = {
        **shown,
        "customer": customer,
        "count": len(shown["items"]),
        "operation": operation_of(form),
        "form": form,
        "first_day": business_date(),
        "last_day": promises.latest_day(),
        "place": next(iter(places_of(customer)), None),
    }
    return answer(request, "payments/way_promise.html", context, form)


def answer(
    request: AgentRequest, template: str, context: dict[str, Any], form: ActForm | None
) -> HttpResponse:
    """The form beneath the panel, or a page of it where there are no scripts."""
    status = form.status if form is not None else 200
    page = template if request.htmx else "payments/way_page.html"
    return render(request, page, {**context, "way": template}, status=status)


def shown_of(request: AgentRequest, customer: Customer) -> dict[str, Any]:
    """What is ticked and typed on the panel; without a panel, all that is open."""
    items = desk.open_items(customer.pk)
    form = PaymentForm(request.POST, open_items=items) if request.method == "POST" else None
    panel = panel_context(request.user, customer, form=form, items=items)
    ticked = [row.invoice.public_id for row in panel["rows"] if row.is_ticked]
    return {"items": ticked, "currency": panel["currency"], "amount": panel["amount"]}


def asked_of(form: ItemsForm, customer: Customer) -> Asked:
    """What a form that is right asks the customer for."""
    return Asked(
        customer_id=customer.pk,
        invoice_ids=[invoice.pk for invoice in form.chosen],
        amount=form.cleaned_data["money"],
        allows_surplus=form.cleaned_data.get("allows_surplus", False),
    )


def kept_of(form: ItemsForm) -> dict[str, Any]:
    """What was sent, to be shown again."""
    kept = {name: form.kept(name) for name in ("amount", "destination")}
    currency = form.kept("currency")
    kept["currency"] = currency if currency in EXPONENTS else DEFAULT_CURRENCY
    return {**kept, "items": sorted(form.ticked), "day": form.kept("due_on")}
