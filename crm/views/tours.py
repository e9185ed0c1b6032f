"""The tour of the desk, once by itself and again whenever it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from core.policy import needs_sign_in
from crm.services import tours

if TYPE_CHECKING:
    from crm.views.requests import AgentRequest


@needs_sign_in
@require_POST
def taken(request: AgentRequest) -> HttpResponse:
    """The page says that it shows the reader the tour of their role. Safe to repeat."""
    tours.mark_taken(request.user)
    return HttpResponse(status=204)
