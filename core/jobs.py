"""Jobs of a day: once per business day, whoever rings, and again if they broke off."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from core.models import JobRun

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

LEASE_SECONDS = 900

_START = """
    INSERT INTO core_jobrun AS run (job, business_date, started_at, lease_until)
    VALUES (%s, %s, clock_timestamp(), clock_timestamp() + make_interval(secs => %s))
    ON CONFLICT (job, business_date) DO UPDATE
        SET started_at = excluded.started_at, lease_until = excluded.lease_until
        WHERE run.finished_at IS NULL AND run.lease_until < clock_timestamp()
    RETURNING id
"""

_BEAT = """
    INSERT INTO core_jobrun AS run (job, business_date, started_at, lease_until, finished_at)
    VALUES (%s, %s, clock_timestamp(), clock_timestamp(), clock_timestamp())
    ON CONFLICT (job, business_date) DO UPDATE SET finished_at = excluded.finished_at
"""


def business_date(now: datetime | None = None) -> date:
    """Give the day in the business's own time zone (`settings.TIME_ZONE`), today by default."""
    return timezone.localdate(now, timezone.get_default_timezone())


@contextmanager
def run_once(job: str, on: date) -> Iterator[bool]:
    """Yield True to exactly one caller per job and business day, False to everybody else.

    The day counts as done when the block ends; if it raises, the next caller may try at once,
    and if the process dies, after 15 minutes. Never call this inside a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_START, [job, on, LEASE_SECONDS])
        row = cursor.fetchone()
    if row is None:
        yield False
        return
    run = JobRun.objects.filter(pk=row[0])
    try:
        yield True
    except BaseException:
        run.update(lease_until=timezone.now())
        raise
    run.update(finished_at=timezone.now())


def beat(job: str) -> None:
    """Note that a recurring job has just come by. One statement; safe to repeat."""
    with connection.cursor() as cursor:
        cursor.execute(_BEAT, [job, business_date()])


def last_beat(job: str) -> datetime | None:
    """Say when a recurring job last came by, or None."""
    runs = JobRun.objects.filter(job=job, finished_at__isnull=False)
    return runs.order_by("-business_date").values_list("finished_at", flat=True).first()
