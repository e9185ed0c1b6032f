"""How each language writes days, times and amounts, one way wherever they are read."""

from __future__ import annotations

import datetime as dt

from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core.money import Money, format_money

# English as it is written in Europe: the day before the month.
LOCALES = {"en": "en_GB"}
# A Finn writes a day in figures. Elsewhere figures are read in two orders, so the month is named.
IN_FIGURES = frozenset({"fi"})


def locale_of(language: str) -> str:
    """Give the locale in which a language writes numbers and days."""
    return LOCALES.get(language, language)


def reader_locale() -> str:
    """Give the locale in which the reader reads numbers and days."""
    return locale_of(get_language() or "en")


def write_money(money: Money) -> str:
    """Write an amount as the reader reads it: €12.50, 12,50 €."""
    return format_money(money, reader_locale())


def write_day(day: dt.date, locale: str) -> str:
    """Write a day with its year, unmistakably: 14 December 2026, 14.12.2026."""
    return format_date(day, "medium" if locale in IN_FIGURES else "long", locale=locale)


def write_short_day(day: dt.date, locale: str) -> str:
    """Write a day in little room: 14 Dec; the year only where it is another one."""
    skeleton = "MMMd" if day.year == timezone.localdate().year else "yMMMd"
    return format_skeleton(skeleton, day, locale=locale)


def write_whole_day(day: dt.date, locale: str) -> str:
    """Write a day with its weekday: Monday 14 December 2026."""
    return format_date(day, "full", locale=locale)


def write_time(instant: dt.datetime, locale: str, *, seconds: bool = False) -> str:
    """Write the time of day where the business is: 14:30, 14.30."""
    local = timezone.localtime(instant)
    return format_time(local, "medium" if seconds else "short", locale=locale)


def write_instant(instant: dt.datetime, locale: str) -> str:
    """Write a day and its time, for who reads it later: 14 December 2026 at 14:30."""
    day = write_day(timezone.localdate(instant), locale)
    return _("%(day)s at %(time)s") % {"day": day, "time": write_time(instant, locale)}


def write_age(since: dt.datetime, locale: str) -> str:
    """Write how old something is, roughly and in little room: 12 min, 3 hrs. At least a minute."""
    age = max(dt.timedelta(minutes=1), timezone.now() - since)
    return str(format_timedelta(age, granularity="minute", format="short", locale=locale))
