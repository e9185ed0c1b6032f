"""Schedules drawn from seeds: whatever goes wrong, and in whatever order, money stays right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.moneysim import everyday, schedule
from tests.moneysim.faults import HAPPEN
from tests.moneysim.machine import machine
from tests.moneysim.plays import PLAYS
from tests.moneysim.web import Requests

if TYPE_CHECKING:
    from tests.moneysim.jobs import Report

ENOUGH = 300

pytestmark = pytest.mark.timeout(900)


def test_no_schedule_breaks_an_invariant(report: Report) -> None:
    assert report.failures == []
    assert report.schedules >= everyday.SCHEDULES


def test_every_fault_and_every_play_happened(report: Report) -> None:
    if everyday.SCHEDULES < ENOUGH:
        pytest.skip("too few schedules to see everything")
    missing = [name for name in HAPPEN if not report.faults.get(name)]

    assert missing == []
    assert set(report.plays) == set(PLAYS)


@pytest.mark.django_db(transaction=True)
def test_the_same_seed_gives_the_same_trace() -> None:
    requests = Requests()
    with machine() as made:
        schedule.run(made, requests, 0)
        first = [schedule.run(made, requests, seed) for seed in range(1, 6)]
        again = [schedule.run(made, requests, seed) for seed in (5, 4, 3, 2, 1)]

    assert [one.trace for one in first] == [one.trace for one in reversed(again)]
    assert len({one.trace for one in first}) == 5
