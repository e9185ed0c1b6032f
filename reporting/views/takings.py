"""The page of the day: what was taken, how attempts ended, what is owed, which links wait."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from core.jobs import business_date
from core.policy import Permission, needs
from core.writing import write_money
from payments.method_names import name_of
from reporting import charts, figures, live_topics
from reporting.charts import Chart, Measured
from reporting.days import asked_day
from reporting.rows import Age
from reporting.templatetags.reports import rate

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest
    from reporting.figures import Authorisation, Outstanding, Takings

TONES = {Age.NOT_DUE: "", Age.FORTNIGHT: "wait", Age.MONTH: "wait", Age.LONGER: "fail"}


@needs(Permission.VIEW_REPORTS)
@require_safe
def takings(request: AgentRequest) -> HttpResponse:
    """The figures of a day, `?day=2026-11-22`; of today where none is asked for."""
    return render(request, "reporting/takings.html", _context(request))


@needs(Permission.VIEW_REPORTS)
@require_safe
def takings_figures(request: AgentRequest) -> HttpResponse:
    """The same figures as they are now, without the page around them."""
    return render(request, "reporting/takings.html#figures", _context(request))


def _context(request: AgentRequest) -> dict[str, Any]:
    asked = request.GET.get("day", "")
    day, today = asked_day(asked), business_date()
    # Read first: what changes meanwhile makes the page out of date, never silently so.
    version = live_topics.version()
    attempts = figures.authorisation(day)
    return {
        "day": day,
        "asked": day.isoformat() if day != today else "",
        "today": today,
        "day_before": day - dt.timedelta(days=1),
        "day_after": day + dt.timedelta(days=1) if day < today else None,
        "version": version,
        "takings": [(taken, _chart_of_takings(taken)) for taken in figures.takings(day)],
        "attempts": attempts,
        "attempts_total": figures.total_of(attempts),
        "attempts_chart": _chart_of_attempts(attempts),
        "outstanding": [(owed, _chart_of_ages(owed)) for owed in figures.outstanding()],
        "waiting": figures.links_waiting(),
    }


def _chart_of_takings(taken: Takings) -> Chart:
    return charts.chart(
        [
            Measured(
                label=place_name(line.cell.method, line.provider),
                text=write_money(line.captured),
                value=max(0, line.captured.minor),
                second=max(0, line.returned.minor),
            )
            for line in taken.lines
        ]
    )


def _chart_of_attempts(attempts: list[Authorisation]) -> Chart:
    return charts.chart(
        [
            Measured(
                label=place_name(one.method, one.provider), text=rate(one), value=one.rate_bp or 0
            )
            for one in attempts
        ],
        whole=figures.WHOLE,
    )


def _chart_of_ages(owed: Outstanding) -> Chart:
    return charts.chart(
        [
            Measured(
                label=capfirst(str(aged.age.label)),
                text=write_money(aged.sum),
                value=aged.sum.minor,
                tone=TONES[aged.age],
            )
            for aged in owed.ages
        ]
    )


def place_name(method: str, provider: str) -> str:
    """Name a method and who carries it out: "MobilePay · Sandbox"."""
    return f"{capfirst(name_of(method))} · {provider}"
