"""Leading an agent to the provider's page on which a card is keyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.policy import Permission, needs
from crm.views.public_pages import kept_secret, page
from payments.forms import ActForm
from payments.services import keyed
from payments.views.rail import answer, get_intent_or_404

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.KEY_CARD)
@require_POST
def card_page(request: AgentRequest, public_id: str) -> HttpResponse:
    """Open the page in the window that asked, while call and recording allow it."""
    intent = get_intent_or_404(public_id)
    form = ActForm(request.POST)
    try:
        address = keyed.page_for_agent(intent_id=intent.pk, actor=request.user)
    except DomainError as error:
        form.add_error(None, str(error))
        form.refusal = error
        return answer(request, intent, form)
    response = page(request, "payments/pay_onward.html", {"leads_to": iri_to_uri(address)})
    response["Refresh"] = f"0; url={iri_to_uri(address)}"
    return kept_secret(response)
