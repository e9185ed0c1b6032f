"""The strip above every page while a lesson goes on: what is said, the telephone, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import bell
from core.policy import Permission, needs
from core.writing import write_money
from crm import practice
from crm.models import Call
from training import lessons
from training.models import LessonRun
from training.services import playing, runs
from training.services.stage import Stage, StageFailed

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest
    from training.lessons.base import Lesson

MOST_CAPTIONS = 2


@needs(Permission.SEARCH)
@require_safe
def strip(request: AgentRequest) -> HttpResponse:
    """The strip as it is now; empty where no lesson goes on."""
    return _shown(request)


def _shown(request: AgentRequest) -> HttpResponse:
    run = _run(request)
    lesson = lessons.find(run.lesson) if run else None
    if run is None or lesson is None:
        practice.end(request)
        return render(request, "training/strip.html", {})
    call = Call.objects.filter(external_id=run.call_reference, agent=request.user).first()
    context = {
        "run": run,
        "lesson": lesson,
        "call": call if call and call.is_live else None,
        "captions": _captions(lesson, run),
    }
    return render(request, "training/strip.html", context)


@needs(Permission.SEARCH)
@require_POST
def telephone(request: AgentRequest) -> HttpResponse:
    """Answer the practice call, or put it down: as one does on the telephone itself."""
    run = _run(request)
    if run is not None and run.is_live:
        stage = Stage(run, run.customer)
        try:
            if request.POST.get("act") == "answer":
                stage.answer()
            else:
                stage.hang_up()
        except StageFailed as error:
            messages.error(request, _("It did not work: %(reason)s") % {"reason": error})
        bell.ring("lessons")
    return _shown(request) if request.htmx else redirect("crm:desk")


@needs(Permission.SEARCH)
@require_POST
def end(request: AgentRequest) -> HttpResponse:
    """End the lesson by what happened so far, and show how it went."""
    run = _run(request)
    if run is None:
        return redirect("training:lessons")
    if run.is_live:
        playing.end(run)
    return redirect("training:result", run.public_id)


@needs(Permission.SEARCH)
@require_POST
def give_up(request: AgentRequest) -> HttpResponse:
    """Leave the lesson without a score."""
    run = runs.live_run(request.user)
    if run is not None and runs.abandon(run=run):
        playing.hang_up(run)
    practice.end(request)
    return redirect("training:lessons")


def _run(request: AgentRequest) -> LessonRun | None:
    own = LessonRun.objects.filter(user=request.user, public_id=practice.run_of(request))
    return own.select_related("customer", "user").first()


def _captions(lesson: Lesson, run: LessonRun) -> list[str]:
    """What was said last, with the name and the amount in their places."""
    told: dict[str, Any] = {
        "amount": write_money(run.money),
        "name": run.customer.name if run.customer else "",
    }
    said = [str(beat.says) % told for beat in playing.captions(lesson, run)]
    return said[-MOST_CAPTIONS:]
