"""A machine that finds nothing proves nothing: bugs that are planted must be caught."""

from __future__ import annotations

import pytest

from payments.services import apply
from tests.moneysim import schedule, shards, shrink
from tests.moneysim.faults import MOST
from tests.moneysim.jobs import Job
from tests.moneysim.machine import machine
from tests.moneysim.mutants import HUNTS, MUTANTS
from tests.moneysim.patches import Patches
from tests.moneysim.plays import PLAYS
from tests.moneysim.web import Requests

pytestmark = pytest.mark.timeout(1_200)


def test_planted_bugs_are_caught() -> None:
    report = shards.run(shards.dealt([Job(mutants=[name]) for name in MUTANTS]))

    assert [name for name in MUTANTS if not report.caught.get(name)] == []


def test_there_are_at_least_twelve_and_each_has_a_place_where_it_is_hunted() -> None:
    assert len(MUTANTS) >= 12
    assert all(HUNTS[name].plays for name in MUTANTS)
    assert {play for hunt in HUNTS.values() for play in hunt.plays} <= set(PLAYS)
    assert {fault for hunt in HUNTS.values() for fault in hunt.rates} <= set(MOST)


def test_a_bug_cannot_be_planted_where_nobody_looks() -> None:
    with pytest.raises(AttributeError, match="no lock_payment"):
        Patches().set(apply, "lock_payment", None)


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
