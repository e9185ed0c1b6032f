"""Bank transfer: what the agent reads aloud, and the waiting for the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core.policy import Permission, needs
from crm.views.customers import get_or_404
from payments import desk, errors
from payments.epc import payment_code
from payments.forms import TransferForm, chosen_place, read_amount
from payments.models import CheckoutSession
from payments.services import taking, transfers
from payments.services.destinations import destinations_of
from payments.views.once import once
from payments.views.pay_context import operation_of, places_of
from payments.views.ways import CHANGED, answer, asked_of, kept_of, shown_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.models import Customer
    from crm.views.requests import AgentRequest

TEMPLATE = "payments/way_transfer.html"


@needs(Permission.TAKE_PAYMENT)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("amount")
def transfer(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show the account and the references for what is ticked. Nothing is changed."""
    customer = get_or_404(public_id)
    return _ask(request, customer, shown_of(request, customer))


@needs(Permission.TAKE_PAYMENT)
@require_POST
@sensitive_post_parameters("amount")
def expect_transfer(request: AgentRequest, public_id: str) -> HttpResponse:
    """Wait for the transfer, once per form, and send its figures where that was pressed."""
    customer = get_or_404(public_id)
    form = TransferForm(request.POST, open_items=desk.open_items(customer.pk))
    made: CheckoutSession | None = None
    if form.is_valid():
        with form.refusals():
            made = _expect(request, customer, form)
    if made is None:
        return _ask(request, customer, kept_of(form), form)
    if not request.htmx:
        return redirect("crm:customer-tab", customer.public_id, "pay")
    context = {**_figures(transfers.transfers_of(made)), "session": made, "customer": customer}
    response = render(request, TEMPLATE, context)
    response["HX-Trigger"] = CHANGED
    return response


def _expect(request: AgentRequest, customer: Customer, form: TransferForm) -> CheckoutSession:
    data = form.cleaned_data
    with once(request, data["operation"], prefix="pi") as reservation:
        if not reservation.is_replay:
            place = data["destination"] and chosen_place(form, destinations_of(customer))
            return taking.expect_transfer(
                asked_of(form, customer),
                actor=request.user,
                destination=place or None,
                replaces_open_page=data["replaces_open_page"],
                public_id=reservation.public_id,
            )
    return _newest_of(customer)


def _newest_of(customer: Customer) -> CheckoutSession:
    """What the same form has made before: an intent that it shared has another id."""
    rows = CheckoutSession.objects.filter(intent__customer=customer, kind=CheckoutSession.Kind.BANK)
    return rows.latest("pk")


def _ask(
    request: AgentRequest,
    customer: Customer,
    shown: dict[str, Any],
    form: TransferForm | None = None,
) -> HttpResponse:
    items = [one for one in desk.open_items(customer.pk) if one.public_id in shown["items"]]
    try:
        amount = read_amount(shown["amount"], shown["currency"]) if shown["amount"] else None
    except ValidationError:
        amount = None
    found = transfers.spread(amount, items) if amount else []
    context = {
        **shown,
        **_figures(found),
        "customer": customer,
        "operation": operation_of(form),
        "form": form,
        "places": places_of(customer),
        "asks_replace": form is not None and isinstance(form.refusal, errors.LinkStillPayable),
    }
    return answer(request, TEMPLATE, context, form)


def _figures(found: list[transfers.Transfer]) -> dict[str, Any]:
    """What is read aloud, and a code for the customer's camera where there is one transfer."""
    return {
        "transfers": found,
        "receiver": settings.MERCHANT_NAME,
        "iban": "".join(settings.MERCHANT_IBAN.split()),
        "bic": settings.MERCHANT_BIC,
        "code": payment_code(found[0]) if len(found) == 1 else "",
    }
