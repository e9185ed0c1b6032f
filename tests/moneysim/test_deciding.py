"""Where a provider never answers people decide rightly: nothing is lost, whoever speaks after."""

from __future__ import annotations

import pytest

from tests.moneysim import schedule
from tests.moneysim.machine import machine
from tests.moneysim.situations import Situation
from tests.moneysim.web import Requests

SCHEDULES = 8

pytestmark = [pytest.mark.timeout(300), pytest.mark.django_db(transaction=True)]


def test_what_people_decide_about_a_silent_provider_loses_nothing() -> None:
    requests = Requests()
    situation = Situation(
        plays=("decide_on_unknown",), most_plays=1, kinds=("simkeeper",), rates={"crash": 0.0}
    )
    with machine() as made:
        schedule.run(made, requests, 0)
        outcomes = [
            schedule.run(made, requests, seed, situation=situation) for seed in range(1, SCHEDULES)
        ]

    assert [one.findings for one in outcomes if one.findings] == []
    decided = [wish for one in outcomes for wish in one.plays if wish.startswith("decided")]
    assert set(decided) == {"decided: carried_out", "decided: not_carried_out"}
