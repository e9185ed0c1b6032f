"""The first page after signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.policy import Permission, needs
from crm import practice, tours
from crm.models import Task
from crm.panels import Slot
from crm.views import slots
from crm.views.recent import recent_customers

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.models.tasks import TaskQuerySet
    from crm.views.requests import AgentRequest

MOST_TASKS = 6


@needs(Permission.SEARCH)
@require_safe
def desk(request: AgentRequest) -> HttpResponse:
    """Where the day starts: the search, who the agent was just with, and what waits."""
    context = {
        "tasks": list(_due(request)),
        "recent": recent_customers(request.user),
        "panels": slots.build(Slot.DESK, request),
        "stops": tours.stops_for(request.user) if _shows_tour(request) else (),
    }
    return render(request, "crm/desk.html", context)


def _shows_tour(request: AgentRequest) -> bool:
    """Whether the tour begins: the first time by itself, afterwards where it is asked for."""
    return "tour" in request.GET or tours.is_due(request.user)


def _due(request: AgentRequest) -> TaskQuerySet:
    """What this person, or anybody, should do before the day is over."""
    end_of_day = timezone.localtime().replace(hour=23, minute=59, second=59, microsecond=0)
    rows = Task.objects.open().made_up(is_practice=practice.is_on(request))
    due = rows.waiting_for(request.user).filter(due_at__lte=end_of_day)
    return due.in_order()[:MOST_TASKS]
