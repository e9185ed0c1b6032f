"""How a lesson went: the score, what was done well, what to do better, and two questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import policy
from core.errors import DomainError
from core.policy import Permission, needs
from crm import practice
from training import lessons
from training.forms import FeedbackForm
from training.models import LessonRun
from training.services import runs, standing

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest


@needs(Permission.SEARCH)
@require_safe
def result(request: AgentRequest, public_id: str) -> HttpResponse:
    """One run, for who took it and for who leads them. It is read from the rows of its checks."""
    run = _get_or_404(request, public_id)
    if practice.run_of(request) == run.public_id:
        practice.end(request)
    return render(request, "training/result.html", _context(request, run, FeedbackForm()))


@needs(Permission.SEARCH)
@require_POST
def feedback(request: AgentRequest, public_id: str) -> HttpResponse:
    """Keep what the taker says of the lesson, once."""
    run = _get_or_404(request, public_id)
    if run.user_id != request.user.pk:
        raise Http404
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        context = _context(request, run, form)
        return render(request, "training/result.html", context, status=422)
    try:
        runs.take_feedback(run=run, **form.cleaned_data)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Thank you. Whoever writes the lessons reads it."))
    return redirect("training:lessons")


def _context(request: AgentRequest, run: LessonRun, form: FeedbackForm) -> dict[str, object]:
    is_own = run.user_id == request.user.pk
    return {
        "run": run,
        "lesson": lessons.find(run.lesson),
        "judged": standing.judged(run),
        "is_own": is_own,
        "asks": is_own and run.finished_at is not None and run.feedback_at is None,
        "form": form,
    }


def _get_or_404(request: AgentRequest, public_id: str) -> LessonRun:
    rows = LessonRun.objects.filter(public_id=public_id).select_related("user")
    if not policy.allows(request.user, Permission.VIEW_TRAINING):
        rows = rows.filter(user=request.user)
    run = rows.first()
    if run is None or run.is_live:
        raise Http404
    return run
