"""Two rows of one person: finding them, comparing, merging, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from core import pan
from core.errors import DomainError
from core.policy import Permission, needs
from crm.models import CustomerMerge
from crm.search import find_customers
from crm.services import merging
from crm.views.customers import get_or_404
from crm.views.search import with_kinds

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.models import Customer
    from crm.search import Match
    from crm.views.requests import AgentRequest


@needs(Permission.MERGE_CUSTOMER)
@sensitive_post_parameters("term")
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: AgentRequest, public_id: str) -> HttpResponse:
    """Find the other row of the same person. Without a term: those who share the name."""
    customer = get_or_404(public_id)
    term = request.POST.get("term", customer.name).strip()
    matches = with_kinds(_others(term, customer))
    context = {"customer": customer, "term": pan.mask(term), "matches": matches}
    return render(request, "crm/merge_choose.html", context)


@needs(Permission.MERGE_CUSTOMER)
@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: AgentRequest, public_id: str, other_id: str) -> HttpResponse:
    """Both side by side; posting lets the other become this one."""
    customer, other = get_or_404(public_id), get_or_404(other_id)
    refusal = ""
    if request.method == "POST":
        try:
            merging.merge_customers(source=other, target=customer, actor=request.user)
        except DomainError as error:
            refusal = str(error)
        else:
            messages.success(request, _("They are one customer now. It can be undone under Notes."))
            return redirect("crm:customer", customer.public_id)
    sides = [
        (side, list(side.contact_points.order_by("-kind", "pk"))) for side in (customer, other)
    ]
    context = {"customer": customer, "other": other, "sides": sides, "refusal": refusal}
    return render(request, "crm/merge_compare.html", context, status=409 if refusal else 200)


@needs(Permission.MERGE_CUSTOMER)
@require_POST
def undo(request: AgentRequest, public_id: str) -> HttpResponse:
    """Take a merge back."""
    merge = get_object_or_404(
        CustomerMerge.objects.select_related("source", "target"), public_id=public_id
    )
    try:
        merging.unmerge_customers(merge, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("crm:customer-tab", merge.target.public_id, "notes")
    messages.success(request, _("The merge is undone: they are two customers again."))
    return redirect("crm:customer", merge.source.public_id)


def _others(term: str, customer: Customer) -> list[Match]:
    try:
        found = find_customers(term, limit=12)
    except DomainError:
        return []
    return [match for match in found if match.customer.pk != customer.pk]
