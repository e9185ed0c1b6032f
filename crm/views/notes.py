"""What one agent leaves for the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.policy import Permission, needs
from crm.forms import NoteForm
from crm.services import customers as services
from crm.views.customers import get_or_404

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.EDIT_CUSTOMER)
@require_POST
def save_note(request: AgentRequest, public_id: str) -> HttpResponse:
    """Keep what the next agent should know. Card numbers in it are masked before it is stored."""
    customer = get_or_404(public_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        changed = services.update_customer(customer, actor=request.user, **form.cleaned_data)
        if changed.note == form.cleaned_data["note"]:
            messages.success(request, _("The note is saved."))
        else:
            messages.warning(request, _("The note is saved. A card number in it was masked."))
    else:
        messages.error(request, _("The note is too long and was not saved."))
    return redirect("crm:customer-tab", customer.public_id, "notes")
