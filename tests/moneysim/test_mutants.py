"""A machine that finds nothing proves nothing: bugs that are planted must be caught."""

from __future__ import annotations

import os

import pytest

from tests.moneysim import schedule, shards, shrink
from tests.moneysim.jobs import Job
from tests.moneysim.machine import machine
from tests.moneysim.mutants import MUTANTS
from tests.moneysim.web import Requests

pytestmark = pytest.mark.timeout(1_200)

IN_EVERY_RUN = ("body_trusted", "no_dedupe_of_requests")
CHOSEN = list(MUTANTS) if os.environ.get("MONEYSIM_ALL_MUTANTS") else list(IN_EVERY_RUN)


def test_planted_bugs_are_caught() -> None:
    report = shards.run(shards.dealt([Job(mutants=[name]) for name in CHOSEN]))

    assert [name for name in CHOSEN if not report.caught.get(name)] == []


def test_there_are_at_least_twelve() -> None:
    assert len(MUTANTS) >= 12


@pytest.mark.django_db(transaction=True)
def test_a_failing_schedule_is_told_as_a_short_story() -> None:
    requests, plant = Requests(), MUTANTS["body_trusted"]
    with machine() as made:
        outcomes = (schedule.run(made, requests, seed, plant=plant) for seed in range(1, 50))
        failed = next(one for one in outcomes if one.findings)
        story = shrink.story(made, requests, failed, plant)

    first, *_, last = story.splitlines()
    assert first.startswith(f"Seed {failed.seed}: ")
    assert first.count("#") == 1
    assert last.startswith("Broken: I-1")
    assert "commit done" in story
