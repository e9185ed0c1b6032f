"""The board: what is going on now, and what waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.jobs import business_date
from core.policy import Permission, needs
from payments import troubles
from payments.services import health
from reporting import charts, figures, live_topics, now
from reporting.charts import Chart, Measured
from reporting.movements import Cell
from reporting.templatetags.reports import rate
from reporting.views.takings import place_name

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest
    from reporting.now import Rates


@needs(Permission.VIEW_REPORTS)
@require_safe
def board(request: AgentRequest) -> HttpResponse:
    """Calls, money and what waits for a person, at this moment."""
    return render(request, "reporting/now.html", _context())


@needs(Permission.VIEW_REPORTS)
@require_safe
def board_figures(request: AgentRequest) -> HttpResponse:
    """The same figures as they are now, without the page around them."""
    return render(request, "reporting/now.html#figures", _context())


def _context() -> dict[str, Any]:
    # Read first: what changes meanwhile makes the page out of date, never silently so.
    version = live_topics.version_of_now()
    today, rates = business_date(), now.rates()
    return {
        "version": version,
        "today": today,
        "tallies": now.tallies(),
        "people": now.people(),
        "paces": [(pace, Cell(today, pace.today.currency)) for pace in now.paces()],
        "waiting": figures.links_waiting(),
        "rates": rates,
        "chart": _chart_of(rates),
        "troubles": [
            (trouble, currencies if len(currencies) < len(health.everywhere()) else [])
            for trouble, currencies in troubles.everywhere().items()
        ],
    }


def _chart_of(rates: list[Rates]) -> Chart:
    return charts.chart(
        [
            Measured(
                label=place_name(one.today.method, one.today.provider),
                text=rate(one.today) if one.today.ended else "–",
                value=one.today.rate_bp or 0,
                second=one.lately.rate_bp or 0,
                tone="fail" if one.is_low else "",
                band=(one.band.low, one.band.high) if one.band else None,
            )
            for one in rates
        ],
        whole=figures.WHOLE,
    )
