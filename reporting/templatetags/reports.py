"""What the templates of the reports write with, beside `desk` and `paying`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from babel.numbers import format_decimal, format_percent
from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.writing import reader_locale, write_age, write_whole_day
from reporting.figures import WHOLE

if TYPE_CHECKING:
    import datetime as dt

    from crm.models import Call
    from reporting.feedback import Answers, Span
    from reporting.figures import Authorisation
    from reporting.movements import Cell

register = template.Library()

CALL_TONES = {"ringing": "wait", "answered": "paid", "held": "wait", "failed": "fail"}


@register.filter
def rate(figure: Authorisation) -> str:
    """The share that was authorised, with its counts: 92 % (23 of 25)."""
    if figure.rate_bp is None:
        return _("none has ended")
    counts = {"authorised": number(figure.authorised), "ended": number(figure.ended)}
    return _("%(share)s (%(authorised)s of %(ended)s)") % {"share": share(figure.rate_bp), **counts}


@register.filter
def share(basis_points: int | None) -> str:
    """Basis points as the reader writes a percentage: 92 %. A dash where there are none."""
    if basis_points is None:
        return "–"
    return str(format_percent(Decimal(basis_points) / WHOLE, locale=reader_locale()))


@register.filter
def mean(hundredths: int | None) -> str:
    """A mean as the reader writes it, with two decimals: 4.27. A dash where there is none."""
    if hundredths is None:
        return "–"
    written = format_decimal(Decimal(hundredths) / 100, format="0.00", locale=reader_locale())
    return str(written)


@register.filter
def number(count: int) -> str:
    """A count, grouped as the reader writes numbers."""
    return str(format_decimal(count, locale=reader_locale()))


@register.filter
def lasting(since: dt.datetime | None) -> str:
    """How long something has lasted, as a clock: 2:41, 1:02:41. Nothing where it never began."""
    if since is None:
        return ""
    seconds = max(0, int((timezone.now() - since).total_seconds()))
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


@register.filter
def how_old(since: dt.datetime) -> str:
    """How old something is, roughly: 12 min, 3 hr."""
    return write_age(since, reader_locale())


@register.filter
def call_tone(call: Call) -> str:
    """The colour of a call, as `components/tag.html` names it."""
    return "fail" if call.is_missed else CALL_TONES.get(call.status, "")


@register.filter
def whole_day(value: dt.date) -> str:
    """A day with its weekday: Sunday 22 November 2026."""
    return write_whole_day(value, reader_locale())


@register.simple_tag
def rows_of(cell: Cell, kind: str = "") -> str:
    """The address of the rows behind a cell of the takings."""
    return listing("money", **cell.of(kind).query)


@register.simple_tag
def listing(name: str, **narrowed: str | dt.date) -> str:
    """The address of a list of rows, narrowed to what is given."""
    words = {key: str(value) for key, value in narrowed.items()}
    return reverse(f"reporting:{name}") + "?" + urlencode(words)


@register.simple_tag
def answers_of(span: Span, narrowing: str, group: Answers, which: str, score: int = 0) -> str:
    """The address of the answers behind a figure of a group: of a day, an agent or an outcome."""
    days = {"first": span.first.isoformat(), "last": span.last.isoformat()}
    narrowed = dict.fromkeys(days, group.key) if narrowing == "day" else {narrowing: group.key}
    scored = {"score": str(score)} if score else {}
    return listing("feedback-rows", **{**days, **narrowed, **scored, "which": which})
