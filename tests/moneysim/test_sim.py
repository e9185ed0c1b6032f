"""Schedules drawn from seeds: whatever goes wrong, and in whatever order, money stays right."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.moneysim import schedule, shards
from tests.moneysim.faults import MOST
from tests.moneysim.jobs import Job, Report
from tests.moneysim.machine import machine
from tests.moneysim.plays import PLAYS
from tests.moneysim.web import Requests

SCHEDULES = int(os.environ.get("MONEYSIM_SCHEDULES", "60"))
FIRST_SEED = 10_000
ONCE_BROKEN = Path(__file__).with_name("seeds.txt")

pytestmark = pytest.mark.timeout(1_200)


def seeds_once_broken() -> list[int]:
    """Seeds that found something in the product: they are run for ever."""
    lines = ONCE_BROKEN.read_text().splitlines()
    return [int(line.split()[0]) for line in lines if line and not line.startswith("#")]


@pytest.fixture(scope="module")
def report() -> Report:
    seeds = [*seeds_once_broken(), *range(FIRST_SEED, FIRST_SEED + SCHEDULES)]
    return shards.run(shards.dealt([Job(seeds=[seed]) for seed in seeds]))


def test_no_schedule_breaks_an_invariant(report: Report) -> None:
    assert report.failures == []
    assert report.schedules >= SCHEDULES


def test_every_fault_and_every_play_happened(report: Report) -> None:
    if SCHEDULES < 200:
        pytest.skip("too few schedules to see everything")
    missing = [name for name in MOST if name != "rush" and not report.faults.get(name)]

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
