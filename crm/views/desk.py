"""The first page after signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.policy import Permission, needs
from crm.panels import Slot
from crm.views import slots
from crm.views.recent import recent_customers

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.SEARCH)
@require_safe
def desk(request: AgentRequest) -> HttpResponse:
    """Where the day starts: the search, who the agent was just with, and what waits."""
    context = {
        "recent": recent_customers(request.user),
        "panels": slots.build(Slot.DESK, request),
    }
    return render(request, "crm/desk.html", context)
