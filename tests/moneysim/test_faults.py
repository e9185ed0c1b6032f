"""Every planned fault happens, and can be told from the ones that do not."""

from __future__ import annotations

import pytest

from tests.moneysim import schedule
from tests.moneysim.faults import HAPPEN, MOST, Faults
from tests.moneysim.machine import machine
from tests.moneysim.situations import Situation
from tests.moneysim.web import Requests

pytestmark = [pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]

MOST_SEEDS = 30
RATE = 0.3
BREAKS = {
    "crash": 0.01,
    "crash_after_commit": 0.05,
    "database_lost": 0.02,
    "commit_unanswered": 0.05,
}
TOGETHER = {"key_in_flight": "late_request"}
"""What can only happen after something else has."""


def where_they_happen(missing: set[str], kind: str) -> Situation:
    """Money is taken and given back while what has not happened yet goes wrong now and then."""
    wanted = missing | {TOGETHER[name] for name in missing if name in TOGETHER}
    rates = {name: BREAKS.get(name, RATE) if name in wanted else 0.0 for name in MOST}
    return Situation(("refund_in_parts", "charge_again"), 3, (kind,), rates)


def test_every_fault_happens_and_does_no_harm() -> None:
    requests, missing = Requests(), set(HAPPEN)
    with machine() as made:
        for seed in range(MOST_SEEDS):
            kind = ("simkeeper", "simreplayer")[seed % 2]
            situation = where_they_happen(missing, kind)
            outcome = schedule.run(made, requests, seed, situation=situation)
            assert outcome.findings == [], outcome
            missing -= {*outcome.faults, *(["crash"] if outcome.crashes else [])}
            if not missing:
                break

    assert missing == set()


def test_a_new_fault_changes_nothing_of_the_others() -> None:
    rates = Faults(7).rates

    assert Faults(7, without=["slow"]).rates == rates | {"slow": 0.0}
    assert Faults(7, rates={"slow": 1.0}).rates == rates | {"slow": 1.0}
    assert set(rates) == set(MOST)
