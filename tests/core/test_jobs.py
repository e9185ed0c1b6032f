"""A job of the day runs once, and again if it broke off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.utils import timezone

from core import jobs
from core.models import JobRun

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 1, 21, 59, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 1, 22, 0, tzinfo=UTC), date(2026, 1, 2)),
        (datetime(2026, 7, 1, 21, 0, tzinfo=UTC), date(2026, 7, 2)),
    ],
)
def test_the_business_day_is_that_of_helsinki(instant: datetime, day: date) -> None:
    assert jobs.business_date(instant) == day


@pytest.mark.django_db(transaction=True)
def test_a_job_runs_once_a_day() -> None:
    with jobs.run_once("close_day", TODAY) as is_first:
        pass
    with jobs.run_once("close_day", TODAY) as is_second:
        pass
    with jobs.run_once("close_day", TODAY + timedelta(days=1)) as is_next_day:
        pass

    assert (is_first, is_second, is_next_day) == (True, False, True)
    assert JobRun.objects.filter(finished_at__isnull=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_job_that_failed_runs_again_at_once() -> None:
    with pytest.raises(RuntimeError), jobs.run_once("close_day", TODAY):
        raise RuntimeError

    with jobs.run_once("close_day", TODAY) as is_ours:
        assert is_ours

    assert JobRun.objects.get().finished_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_process_died_runs_again_when_its_lease_is_over() -> None:
    now = timezone.now()
    run = JobRun.objects.create(
        job="close_day",
        business_date=TODAY,
        started_at=now,
        lease_until=now + timedelta(minutes=1),
    )
    with jobs.run_once("close_day", TODAY) as is_ours:
        assert not is_ours

    JobRun.objects.filter(pk=run.pk).update(lease_until=now - timedelta(seconds=1))
    with jobs.run_once("close_day", TODAY) as is_ours:
        assert is_ours


@pytest.mark.django_db(transaction=True)
def test_of_many_schedulers_one_runs_the_job() -> None:
    ran: list[bool] = []
    start, end = Barrier(8), Barrier(8)

    def ring() -> None:
        try:
            start.wait()
            with jobs.run_once("close_day", TODAY) as is_ours:
                ran.append(is_ours)
                end.wait()
        finally:
            connections.close_all()

    threads = [Thread(target=ring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ran) == [False] * 7 + [True]


@pytest.mark.django_db
def test_a_heart_beats_in_one_row_a_day() -> None:
    assert jobs.last_beat("sweep") is None

    jobs.beat("sweep")
    first = jobs.last_beat("sweep")
    jobs.beat("sweep")
    second = jobs.last_beat("sweep")

    assert first is not None
    assert second is not None
    assert second >= first
    assert JobRun.objects.count() == 1
