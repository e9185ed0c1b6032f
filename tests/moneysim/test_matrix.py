"""Every flow of money, with the process ending at each of its yield points."""

from __future__ import annotations

import os

import pytest

from tests.moneysim import shards
from tests.moneysim.flows import FLOWS
from tests.moneysim.jobs import Job, Report

pytestmark = pytest.mark.timeout(1_200)

# The longest first, so that both processes end at about the same time.
IN_TURN = (
    "pay_by_link",
    "capture",
    "saved_method",
    "webhook",
    "sweep",
    "resolver",
    "refund_full",
    "refund_part",
    "allocation",
    "cancel",
    "refund_elsewhere",
)


IN_EVERY_RUN = ("cancel", "refund_elsewhere")
CHOSEN = IN_TURN if os.environ.get("MONEYSIM_ALL_FLOWS") else IN_EVERY_RUN


@pytest.fixture(scope="module")
def report() -> Report:
    return shards.run(shards.dealt([Job(flows=[name]) for name in CHOSEN]))


def test_a_crash_anywhere_does_no_harm(report: Report) -> None:
    assert set(IN_TURN) == set(FLOWS)
    assert report.harm == []


@pytest.mark.parametrize("flow", CHOSEN)
def test_a_flow_was_crashed_at_every_point(report: Report, flow: str) -> None:
    assert report.points[flow] >= report.crashes[flow] >= 10
