"""What the templates of the reports write with, beside `desk` and `paying`."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from babel.numbers import format_decimal, format_percent
from django import template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core.writing import reader_locale, write_whole_day
from reporting.figures import WHOLE

if TYPE_CHECKING:
    import datetime as dt

    from reporting.figures import Authorisation
    from reporting.movements import Cell

register = template.Library()


@register.filter
def rate(figure: Authorisation) -> str:
    """The share that was authorised, with its counts: 92 % (23 of 25)."""
    if figure.rate_bp is None:
        return _("none has ended")
    share = format_percent(Decimal(figure.rate_bp) / WHOLE, locale=reader_locale())
    counts = {"authorised": number(figure.authorised), "ended": number(figure.ended)}
    return _("%(share)s (%(authorised)s of %(ended)s)") % {"share": share, **counts}


@register.filter
def number(count: int) -> str:
    """A count, grouped as the reader writes numbers."""
    return str(format_decimal(count, locale=reader_locale()))


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
