"""For who leads: which lessons are weak, what is missed in them, and how people get on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.policy import Permission, needs
from crm.views.countless import page_of
from reporting import charts
from reporting.charts import Measured
from training import lessons
from training.services import weak

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest
    from training.services.weak import Measure

WHOLE = 100


@needs(Permission.VIEW_TRAINING)
@require_safe
def index(request: AgentRequest) -> HttpResponse:
    """Every lesson that was taken, the weakest first, and everybody who took one."""
    measures = weak.measures()
    context = {"measures": measures, "chart": _chart_of(measures), "people": weak.people()}
    return render(request, "training/team.html", context)


@needs(Permission.VIEW_TRAINING)
@require_safe
def runs(request: AgentRequest) -> HttpResponse:
    """The runs behind a number, `?lesson=…&who=…&missed=…`."""
    lesson = lessons.find(request.GET.get("lesson", ""))
    missed = request.GET.get("missed", "")
    rows = weak.runs_of(
        lesson.key if lesson else "", request.GET.get("who", ""), check=missed if lesson else ""
    )
    page = page_of(rows, request.GET.get("page", ""))
    context = {
        "page": page,
        "rows": [(run, lessons.find(run.lesson)) for run in page.rows],
        "lesson": lesson,
        "check": lesson.check(missed) if lesson else None,
        "who": request.GET.get("who", ""),
    }
    return render(request, "training/team_runs.html", context)


def _chart_of(measures: list[Measure]) -> charts.Chart:
    return charts.chart(
        [
            Measured(
                label=str(one.lesson.title),
                text=f"{one.score}",
                value=one.score,
                tone="fail" if one.is_weak else "",
            )
            for one in measures
            if one.score is not None
        ],
        whole=WHOLE,
    )
