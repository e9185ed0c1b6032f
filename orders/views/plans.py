"""The page of an instalment plan, and taking it back. The Pay panel and the API make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.policy import Permission, needs
from orders.models import Instalment, InstalmentPlan, InvoiceHold
from orders.services import plans

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.VIEW_ORDER)
@require_safe
def plan_page(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show a plan: every part with its day and what became of it, and the invoices it pays."""
    found = InstalmentPlan.objects.select_related("customer", "made_by").prefetch_related(
        Prefetch("instalments", Instalment.objects.select_related("plan").order_by("position")),
        Prefetch("holds", InvoiceHold.objects.select_related("invoice").order_by("invoice")),
    )
    plan = get_object_or_404(found, public_id=public_id)
    return render(request, "orders/plan.html", {"plan": plan})


@needs(Permission.ARRANGE_PAYMENT)
@require_POST
def withdraw(request: AgentRequest, public_id: str) -> HttpResponse:
    """Take a plan back, and show it again. Safe to repeat."""
    plan = get_object_or_404(InstalmentPlan, public_id=public_id)
    try:
        plans.withdraw_plan(plan=plan, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("orders:plan", plan.public_id)
