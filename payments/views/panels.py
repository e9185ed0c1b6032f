"""The Pay panel: what is open, how much, and the one button that sends the link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from core import policy
from core.policy import Permission, needs
from crm.views.customers import get_or_404
from payments import desk, errors
from payments.forms import PaymentForm, chosen_place
from payments.models import PaymentMethod
from payments.services import destinations, taking
from payments.views.once import once
from payments.views.pay_context import panel_context
from payments.views.rail_context import rail_context
from payments.views.ways import asked_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.models import Customer
    from crm.views.requests import AgentRequest

PANEL = "payments/panel.html"


@needs(Permission.TAKE_PAYMENT)
@require_POST
@sensitive_post_parameters("amount")
def take(request: AgentRequest, public_id: str) -> HttpResponse:
    """Send a link for what is ticked, or charge a saved method; answer panel and rail anew."""
    customer = get_or_404(public_id)
    form = PaymentForm(request.POST, open_items=desk.open_items(customer.pk))
    _refuse_rights(request)
    if form.is_valid():
        with form.refusals():
            _carry_out(request, customer, form)
    if form.errors:
        return _refused(request, customer, form)
    if not request.htmx:
        return redirect("crm:customer-tab", customer.public_id, "pay")
    context = {**panel_context(request.user, customer), **rail_context(customer)}
    return render(request, "payments/panel_answer.html", context)


@needs(Permission.TAKE_PAYMENT)
@require_POST
@sensitive_post_parameters("amount")
def refresh(request: AgentRequest, public_id: str) -> HttpResponse:
    """Answer the panel for what is ticked and typed now. Nothing is changed.

    A POST, so that what was typed by mistake stands in no log of addresses.
    """
    customer = get_or_404(public_id)
    items = desk.open_items(customer.pk)
    form = PaymentForm(request.POST, open_items=items)
    context = panel_context(request.user, customer, form=form, items=items)
    return render(request, PANEL, {**context, "form": None})


def _carry_out(request: AgentRequest, customer: Customer, form: PaymentForm) -> None:
    data = form.cleaned_data
    with once(request, data["operation"], prefix="pi") as reservation:
        if reservation.is_replay:
            return
        asked = asked_of(form, customer)
        if data["saved_method"]:
            method = _saved_method(customer, data["saved_method"])
            taking.charge(asked, method=method, actor=request.user, public_id=reservation.public_id)
            return
        if data["is_keyed"] or data["is_keypad"]:
            begin = taking.open_card_page if data["is_keyed"] else taking.open_keypad
            begin(
                asked,
                actor=request.user,
                replaces_open_page=data["replaces_open_page"],
                public_id=reservation.public_id,
            )
            return
        taking.send_link(
            asked,
            destination=chosen_place(form, destinations.destinations_of(customer)),
            actor=request.user,
            replaces_open_page=data["replaces_open_page"],
            public_id=reservation.public_id,
        )


def _refuse_rights(request: AgentRequest) -> None:
    """Raise PermissionDenied for a way to pay that needs a right of its own."""
    needed = {"is_keyed": Permission.KEY_CARD, "is_keypad": Permission.USE_KEYPAD}
    for name, permission in needed.items():
        if name in request.POST and not policy.allows(request.user, permission):
            raise PermissionDenied


def _saved_method(customer: Customer, public_id: str) -> PaymentMethod:
    rows = PaymentMethod.objects.filter(customer=customer, removed_at=None)
    method = rows.select_related("account").filter(public_id=public_id).first()
    if method is None:
        raise errors.MethodNotOffered
    return method


def _refused(request: AgentRequest, customer: Customer, form: PaymentForm) -> HttpResponse:
    context = panel_context(request.user, customer, form=form)
    if request.htmx:
        return render(request, PANEL, context, status=form.status)
    context |= rail_context(customer)
    return render(request, "payments/panel_page.html", context, status=form.status)
