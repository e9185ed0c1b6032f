"""The kill lane in small: everything is struck at least once while customers pay."""

from __future__ import annotations

import subprocess
import sys

import pytest

from config.embedded.house import ROOT
from tests.browser.shop import environment_passed_on

PAYMENTS = 12

pytestmark = pytest.mark.timeout(300)


def run_lane(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the lane as `make kill` does, with servers of its own."""
    arguments = ["-m", "bench.kill", "--payments", str(PAYMENTS), *options]
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment_passed_on(),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


def test_whatever_is_killed_nothing_is_lost_and_nothing_is_doubled() -> None:
    ran = run_lane("--seed", "1")

    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.rstrip().endswith(" 0 short")


def test_webhooks_that_are_answered_before_they_are_kept_are_found_lost() -> None:
    """Without the order of keeping and answering the lane turns red, so it does look."""
    ran = run_lane("--seed", "1", "--hasty")

    assert ran.returncode == 1, ran.stdout
    assert "was answered well and is not kept" in ran.stdout
