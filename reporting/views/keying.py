"""The proof that recordings were paused while cards were keyed, as a page and as a file."""

from __future__ import annotations

import csv
import datetime as dt
from io import StringIO
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core import audit, policy
from core.policy import Permission, needs
from reporting import keying
from reporting.days import asked_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.views.requests import AgentRequest
    from reporting.keying import Keying

MONTH = dt.timedelta(days=30)
HEAD = (
    *("checkout_session", "payment_intent", "amount", "currency", "agent"),
    *("call", "call_external_id", "opened_at", "ended_at", "recorded_seconds", "verdict"),
    "way",
)


@needs(Permission.VIEW_AUDIT)
@require_safe
def page(request: AgentRequest) -> HttpResponse:
    """Each time that a card was keyed, `?first=…&last=…`; of thirty days unless asked."""
    first, last = _asked(request)
    found = keying.of_days(first, last)
    context = {
        "first": first,
        "last": last,
        "keyings": found,
        "incidents": sum(one.is_incident for one in found),
    }
    return render(request, "reporting/keying.html", context)


@needs(Permission.EXPORT)
@require_safe
def export(request: AgentRequest) -> HttpResponse:
    """The same rows as comma-separated values: instants in UTC, amounts in minor units."""
    if not policy.allows(request.user, Permission.VIEW_AUDIT):
        raise PermissionDenied
    first, last = _asked(request)
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    writer.writerows(_cells(keying.of_days(first, last)))
    audit.record(request.user, "keying.exported", request.user, reason=f"{first} – {last}")
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="keying-{first}-{last}.csv"'
    return response


def _asked(request: AgentRequest) -> tuple[dt.date, dt.date]:
    """The days asked for, at most `MOST_DAYS` of them, the first not after the last."""
    last = asked_day(request.GET.get("last", ""))
    asked = request.GET.get("first", "")
    first = min(asked_day(asked), last) if asked else last - MONTH
    return max(first, last - dt.timedelta(days=keying.MOST_DAYS - 1)), last


def _cells(found: list[Keying]) -> Iterator[tuple[str | int, ...]]:
    for one in found:
        session, call = one.session, one.call
        agent = call.agent if call is not None else session.intent.agent
        yield (
            session.public_id,
            session.intent.public_id,
            session.intent.amount,
            session.intent.currency,
            _harmless(agent.get_username() if agent else ""),
            call.public_id if call else "",
            _harmless(call.external_id if call else ""),
            one.span.begins_at.isoformat(),
            one.span.ends_at.isoformat(),
            round(one.recorded.total_seconds()),
            one.verdict.value,
            session.kind,
        )


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking what others wrote for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
