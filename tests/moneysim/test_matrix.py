"""Every flow of money, with the process ending at each of its yield points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.moneysim import everyday
from tests.moneysim.flows import FLOWS

if TYPE_CHECKING:
    from tests.moneysim.jobs import Report

pytestmark = pytest.mark.timeout(900)


def test_a_crash_anywhere_does_no_harm(report: Report) -> None:
    assert set(report.crashes) == set(everyday.FLOWS) == set(FLOWS)
    assert report.harm == []


@pytest.mark.parametrize("flow", FLOWS)
def test_a_flow_was_crashed_at_every_point(report: Report, flow: str) -> None:
    assert report.points[flow] >= report.crashes[flow] >= 8
