"""The lessons of a person's role, what they have done of them, and beginning one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.errors import DomainError
from core.policy import Permission, needs
from crm import practice
from training import lessons
from training.services import runs, standing, world

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.SEARCH)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """The lessons for the reader, with the best score of each. Two queries."""
    live = runs.live_run(request.user)
    if live is None:
        practice.end(request)
    context = {
        "standings": standing.of(request.user),
        "live": live,
        "live_lesson": lessons.find(live.lesson) if live else None,
        "is_here": world.is_named(),
    }
    return render(request, "training/lessons.html", context)


@needs(Permission.SEARCH)
@require_POST
def start(request: AgentRequest, key: str) -> HttpResponse:
    """Begin a lesson: from now on the reader sees what is made up for practice."""
    if lessons.find(key) is None:
        raise Http404
    try:
        run = runs.start(user=request.user, key=key)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("training:lessons")
    practice.begin(request, run=run.public_id, call=run.call_reference)
    return redirect("crm:desk")


@needs(Permission.SEARCH)
@require_POST
def go_on(request: AgentRequest) -> HttpResponse:
    """Go on with the lesson that was begun, here or in another browser."""
    live = runs.live_run(request.user)
    if live is None:
        return redirect("training:lessons")
    practice.begin(request, run=live.public_id, call=live.call_reference)
    return redirect("crm:desk")
