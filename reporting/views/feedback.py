"""How calls went: the figures of a span of days, and the rows behind each of them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.policy import Permission, needs
from crm.views.countless import page_of
from reporting import charts, feedback
from reporting.charts import Chart, Measured
from reporting.days import asked_day
from reporting.feedback import SCORES, Span, Which
from reporting.templatetags.reports import number, share
from reporting.views.asking import code, one_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crm.views.requests import AgentRequest
    from reporting.feedback import Answers

MONTH = dt.timedelta(days=29)
MOST_WRITTEN = 10
TONES = {1: "fail", 2: "fail", 3: "wait"}


@needs(Permission.VIEW_REPORTS)
@require_safe
def page(request: AgentRequest) -> HttpResponse:
    """The answers of the days `?first=…&last=…`; of thirty days unless asked."""
    span = _asked(request)
    whole = feedback.total(span)
    written = feedback.rows(span, Which.WRITTEN).select_related("customer", "agent", "call")
    context = {
        "span": span,
        "scores": SCORES,
        "total": whole,
        "chart": _chart_of(whole),
        "agents": feedback.by_agent(span),
        "outcomes": feedback.by_outcome(span),
        "days": feedback.by_day(span),
        "withheld": feedback.withheld(span),
        "written": written.order_by("-answered_at", "-pk")[:MOST_WRITTEN],
    }
    return render(request, "reporting/feedback.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def listed(request: AgentRequest) -> HttpResponse:
    """The questions and answers that a figure counts, the newest first."""
    span = _asked(request)
    which = one_of(request, "which", Which.values)
    rows = feedback.rows(span, which)
    shown = rows.select_related("customer", "agent", "call__wrap_up__outcome")
    context = {
        "span": span,
        "which": Which(which).label if which else "",
        "count": rows.count(),
        "page": page_of(shown.order_by("-created_at", "-pk"), request.GET.get("page", "")),
    }
    return render(request, "reporting/feedback_rows.html", context)


@needs(Permission.VIEW_REPORTS)
@require_safe
def poor(request: AgentRequest) -> HttpResponse:
    """Answers of unhappy customers that came today, the newest first."""
    rows = feedback.poor_today()
    shown = rows.select_related("customer", "agent", "call__wrap_up__outcome")
    context = {
        "which": _("unhappy, answered today"),
        "count": rows.count(),
        "page": page_of(shown.order_by("-answered_at", "-pk"), request.GET.get("page", "")),
    }
    return render(request, "reporting/feedback_rows.html", context)


def _asked(request: AgentRequest) -> Span:
    """The days asked for, the first not after the last, and what else the address narrows to."""
    last = asked_day(request.GET.get("last", ""))
    asked = request.GET.get("first", "")
    first = min(asked_day(asked), last) if asked else last - MONTH
    return Span(
        first=max(first, last - dt.timedelta(days=feedback.MOST_DAYS - 1)),
        last=last,
        agent=code(request, "agent"),
        outcome=code(request, "outcome"),
        score=one_of(request, "score", [str(score) for score in SCORES]),
    )


def _chart_of(answers: Answers) -> Chart:
    """A bar for each score, the best on top, true to the share of all answers."""
    return charts.chart(
        [
            Measured(
                label=_("%(score)s of 5") % {"score": score},
                text=f"{number(answers.counts[score])} · {share(answers.share_bp(score))}",
                value=answers.counts[score],
                tone=TONES.get(score, ""),
            )
            for score in reversed(SCORES)
        ],
        whole=answers.answered or None,
    )
