"""Business days as instants, and as readers ask for them."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.utils import timezone

from core.jobs import business_date


class Bounds(NamedTuple):
    """The first instant of a day, and the first one after it."""

    start: dt.datetime
    end: dt.datetime


def bounds_of(day: dt.date) -> Bounds:
    """Return where a day begins and ends in the business's time zone: 23 to 25 hours apart."""
    return Bounds(_midnight(day), _midnight(day + dt.timedelta(days=1)))


def asked_day(text: str) -> dt.date:
    """Return the day a reader asked for; today where none was, or one that has not come yet."""
    today = business_date()
    try:
        return min(dt.date.fromisoformat(text), today)
    except ValueError:
        return today


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.min, timezone.get_default_timezone())
