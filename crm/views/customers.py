"""The customer's page, and the forms that write one down."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import NotFound
from core.ids import make_public_id
from core.policy import Permission, needs
from crm.forms import ContactPointForm, CustomerForm, NewCustomerForm, NoteForm, domain_errors_on
from crm.models import Call, ContactPoint, Customer, CustomerMerge, TimelineEntry
from crm.panels import Slot
from crm.services import calls, practising, rows, timeline
from crm.services import customers as services
from crm.views import slots
from crm.views.countless import page_of
from crm.views.recent import remember

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.panels import Built
    from crm.views.requests import AgentRequest

LATEST_SHOWN = 5
IN_ORDER = ContactPoint.objects.order_by("-kind", "-is_primary", "pk")


class Tab(StrEnum):
    """What the middle of the page shows. Each has an address of its own."""

    PAY = "pay"
    ORDERS = "orders"
    TIMELINE = "timeline"
    NOTES = "notes"


TABS = [
    (Tab.PAY, _("Pay")),
    (Tab.ORDERS, _("Orders")),
    (Tab.TIMELINE, _("Timeline")),
    (Tab.NOTES, _("Notes")),
]


@needs(Permission.VIEW_CUSTOMER)
@require_safe
def page(request: AgentRequest, public_id: str, tab: str = "") -> HttpResponse:
    """One customer: who, what is owed, how to pay it, what is happening. No tab: the likeliest."""
    if tab and tab not in set(Tab):
        raise Http404
    customer = get_or_404(public_id)
    if customer.public_id != public_id:
        return redirect("crm:customer", customer.public_id)
    remember(request.user, customer)
    prefetch_related_objects([customer], Prefetch("contact_points", IN_ORDER))
    side = slots.build(Slot.SIDE, request, customer)
    pay = slots.build(Slot.MAIN, request, customer) if tab in {"", Tab.PAY} else []
    chosen = Tab(tab) if tab else _likeliest([*side, *pay])
    context = {
        "customer": customer,
        "tab": chosen,
        "tabs": [(key, label, _address(customer, key)) for key, label in TABS],
        "side_panels": side,
        "rail_panels": slots.build(Slot.RAIL, request, customer),
        "contacts": customer.contact_points.all(),
        # The tab tells all of it.
        "latest": []
        if chosen is Tab.TIMELINE
        else timeline.newest(customer.pk, limit=LATEST_SHOWN),
        **_middle(request, customer, chosen, pay),
    }
    return render(request, f"crm/customer_{chosen}.html", context)


@needs(Permission.EDIT_CUSTOMER)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: AgentRequest) -> HttpResponse:
    """Write down somebody new. Sent twice, the second leads to what the first has made."""
    if request.method != "POST":
        form = NewCustomerForm(
            initial={
                "operation": make_public_id("cus"),
                "language": request.LANGUAGE_CODE,
                **_caller(request.GET.get("call", "")),
            }
        )
        return render(request, "crm/customer_new.html", {"form": form})
    form = NewCustomerForm(request.POST)
    if form.is_valid():
        with domain_errors_on(form):
            _write_down(form, request)
            _name_caller(form, request)
    if form.errors:
        return render(request, "crm/customer_new.html", {"form": form}, status=422)
    return redirect("crm:customer", form.cleaned_data["operation"])


@needs(Permission.EDIT_CUSTOMER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: AgentRequest, public_id: str) -> HttpResponse:
    """Change who a customer is, and how to reach them."""
    customer = get_or_404(public_id)
    form = CustomerForm(request.POST) if request.method == "POST" else CustomerForm.of(customer)
    if request.method == "POST" and form.is_valid():
        with domain_errors_on(form):
            services.update_customer(customer, actor=request.user, **form.cleaned_data)
            return redirect("crm:customer", customer.public_id)
    return render_edit(request, customer, form=form)


def render_edit(
    request: AgentRequest,
    customer: Customer,
    *,
    form: CustomerForm | None = None,
    contact_form: ContactPointForm | None = None,
) -> HttpResponse:
    """The page on which a customer is changed, with whichever form was refused."""
    context = {
        "customer": customer,
        "form": form or CustomerForm.of(customer),
        "contact_form": contact_form or ContactPointForm(),
        "contacts": list(IN_ORDER.filter(customer=customer)),
    }
    has_errors = bool((form and form.errors) or (contact_form and contact_form.errors))
    return render(request, "crm/customer_edit.html", context, status=422 if has_errors else 200)


def get_or_404(public_id: str) -> Customer:
    """The customer of an address, or the one it was merged into. Raises Http404."""
    try:
        return rows.get_customer(public_id)
    except NotFound as error:
        raise Http404 from error


def _write_down(form: NewCustomerForm, request: AgentRequest) -> None:
    """Make the customer under the id that the form brought; a second sending finds it made."""
    made = Customer.objects.filter(public_id=form.cleaned_data["operation"])
    if made.exists():
        return
    try:
        services.create_customer(
            phones=filter(None, [form.cleaned_data["phone"]]),
            emails=filter(None, [form.cleaned_data["email"]]),
            actor=request.user,
            public_id=form.cleaned_data["operation"],
            **form.details(),
        )
    except IntegrityError:
        # The other click was faster.
        if not made.exists():
            raise


def _caller(call_id: str) -> dict[str, str]:
    """What a call tells of somebody who is to be written down."""
    call = Call.objects.filter(public_id=call_id).first()
    return {"call": call.public_id, "phone": call.their_number} if call else {}


def _name_caller(form: NewCustomerForm, request: AgentRequest) -> None:
    """Whoever was written down during a call is the one on the line."""
    call = Call.objects.filter(public_id=form.cleaned_data["call"]).first()
    if call is not None:
        made = rows.get_customer(form.cleaned_data["operation"])
        if call.phone_system.is_practice:
            practising.mark(made)
        calls.name_customer(call=call, customer=made, actor=request.user)


def _likeliest(panels: list[Built]) -> Tab:
    """Pay where something is open, else what happened before."""
    return Tab.PAY if any(panel.is_open for panel in panels) else Tab.TIMELINE


def _address(customer: Customer, tab: Tab) -> str:
    return reverse("crm:customer-tab", args=[customer.public_id, tab.value])


def _middle(
    request: AgentRequest, customer: Customer, tab: Tab, pay: list[Built]
) -> dict[str, Any]:
    """What only this tab needs, so that no tab pays for another."""
    if tab is Tab.PAY:
        return {"panels": pay}
    if tab is Tab.ORDERS:
        return {"panels": slots.build(Slot.ORDERS, request, customer)}
    if tab is Tab.TIMELINE:
        entries = TimelineEntry.objects.filter(customer=customer).select_related("actor")
        return {"entries": page_of(entries.order_by("-at", "-id"), request.GET.get("page", ""))}
    return {
        "form": NoteForm(initial={"note": customer.note}),
        "external_ids": list(customer.external_ids.order_by("source")),
        "merges": list(
            CustomerMerge.objects.filter(target=customer, undone_at=None)
            .select_related("source")
            .order_by("-pk")
        ),
    }
