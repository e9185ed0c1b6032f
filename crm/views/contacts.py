"""How a customer is reached: adding, removing, choosing the main one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.policy import Permission, needs
from crm.forms import ContactPointForm, domain_errors_on
from crm.models import ContactPoint
from crm.services import contact_points
from crm.views.customers import get_or_404, render_edit

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.EDIT_CUSTOMER)
@require_POST
def add(request: AgentRequest, public_id: str) -> HttpResponse:
    """One more way to reach a customer. What was typed stays when it is refused."""
    customer = get_or_404(public_id)
    form = ContactPointForm(request.POST)
    if form.is_valid():
        with domain_errors_on(form, "value"):
            contact_points.add_contact_point(
                customer=customer, actor=request.user, **form.cleaned_data
            )
            return redirect("crm:edit-customer", customer.public_id)
    return render_edit(request, customer, contact_form=form)


@needs(Permission.EDIT_CUSTOMER)
@require_POST
def remove(request: AgentRequest, public_id: str) -> HttpResponse:
    """Forget a number or address."""
    point = _point(public_id)
    contact_points.remove_contact_point(point=point, actor=request.user)
    return redirect("crm:edit-customer", point.customer.public_id)


@needs(Permission.EDIT_CUSTOMER)
@require_POST
def use_first(request: AgentRequest, public_id: str) -> HttpResponse:
    """Let a number or address be the one that is used unless another is chosen."""
    point = _point(public_id)
    contact_points.make_main(point=point, actor=request.user)
    return redirect("crm:edit-customer", point.customer.public_id)


def _point(public_id: str) -> ContactPoint:
    return get_object_or_404(ContactPoint.objects.select_related("customer"), public_id=public_id)
