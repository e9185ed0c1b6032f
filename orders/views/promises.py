"""Taking a promise back. Making one is for the Pay panel, and the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.policy import Permission, needs
from orders.models import PromiseToPay
from orders.services import promises

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.ARRANGE_PAYMENT)
@require_POST
def withdraw(request: AgentRequest, public_id: str) -> HttpResponse:
    """Take a promise back, and show the customer again. Safe to repeat."""
    rows = PromiseToPay.objects.select_related("customer")
    promise = get_object_or_404(rows, public_id=public_id)
    try:
        promises.withdraw_promise(promise=promise, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("crm:customer-tab", promise.customer.public_id, "pay")
