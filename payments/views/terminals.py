"""Card terminal: which one, and pushing the amount to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core.policy import Permission, needs
from crm.views.customers import get_or_404
from payments import desk, errors
from payments.forms import TerminalForm
from payments.services import taking, terminals
from payments.views.once import once
from payments.views.pay_context import operation_of
from payments.views.ways import CHANGED, answer, asked_of, kept_of, shown_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.models import Customer
    from crm.views.requests import AgentRequest
    from payments.models import Terminal

TEMPLATE = "payments/way_terminal.html"


@needs(Permission.TAKE_PAYMENT)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("amount")
def terminal(request: AgentRequest, public_id: str) -> HttpResponse:
    """Ask at which terminal what is ticked is paid. Nothing is changed."""
    customer = get_or_404(public_id)
    return _ask(request, customer, shown_of(request, customer))


@needs(Permission.TAKE_PAYMENT)
@require_POST
@sensitive_post_parameters("amount")
def push(request: AgentRequest, public_id: str) -> HttpResponse:
    """Push the amount to the chosen terminal, once per form. The rail tells what happens there."""
    customer = get_or_404(public_id)
    form = TerminalForm(request.POST, open_items=desk.open_items(customer.pk))
    if form.is_valid():
        with form.refusals():
            _push(request, customer, form)
    if form.errors:
        return _ask(request, customer, kept_of(form), form)
    if not request.htmx:
        return redirect("crm:customer-tab", customer.public_id, "pay")
    response = render(request, "payments/way.html")
    response["HX-Trigger"] = CHANGED
    return response


def _push(request: AgentRequest, customer: Customer, form: TerminalForm) -> None:
    data = form.cleaned_data
    with once(request, data["operation"], prefix="pi") as reservation:
        if reservation.is_replay:
            return
        taking.push_to_terminal(
            asked_of(form, customer),
            terminal=_chosen(customer, data["terminal"], data["currency"]),
            actor=request.user,
            replaces_open_page=data["replaces_open_page"],
            public_id=reservation.public_id,
        )


def _chosen(customer: Customer, public_id: str, currency: str) -> Terminal:
    found = terminals.offered(currency, is_practice=customer.is_practice)
    chosen = next((one for one in found if one.public_id == public_id), None)
    if chosen is None:
        raise errors.TerminalNotOffered
    return chosen


def _ask(
    request: AgentRequest,
    customer: Customer,
    shown: dict[str, Any],
    form: TerminalForm | None = None,
) -> HttpResponse:
    context = {
        **shown,
        "customer": customer,
        "terminals": terminals.offered(shown["currency"], is_practice=customer.is_practice),
        "chosen": form.kept("terminal") if form is not None else "",
        "operation": operation_of(form),
        "form": form,
        "asks_replace": form is not None and isinstance(form.refusal, errors.LinkStillPayable),
    }
    return answer(request, TEMPLATE, context, form)
