"""The pay link as a code on the agent's screen, for a customer who stands before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.policy import Permission, needs
from crm.views.public_pages import kept_secret
from payments.epc import link_code
from payments.forms import ActForm
from payments.services import links
from payments.views.rail import answer, get_intent_or_404

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest

TEMPLATE = "payments/link_code.html"


@needs(Permission.TAKE_PAYMENT)
@require_POST
def link_code_of(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show the code of the link that is open, and put that on record. It is kept nowhere."""
    intent = get_intent_or_404(public_id)
    try:
        address = links.address_to_show(intent_id=intent.pk, actor=request.user)
    except DomainError as error:
        form = ActForm(request.POST)
        form.add_error(None, str(error))
        form.refusal = error
        return answer(request, intent, form)
    context = {
        "intent": intent,
        "customer": intent.customer,
        "code": link_code(address),
        "act": TEMPLATE,
    }
    page = TEMPLATE if request.htmx else "payments/act_page.html"
    return kept_secret(render(request, page, context))
