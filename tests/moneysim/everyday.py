"""What every run of the tests asks of the simulator."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tests.moneysim.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Collection

SCHEDULES = int(os.environ.get("MONEYSIM_SCHEDULES", "500"))
FIRST_SEED = 10_000
ONCE_BROKEN = Path(__file__).with_name("seeds.txt")
# The longest first, so that all processes end at about the same time.
FLOWS = (
    "pay_by_link",
    "capture",
    "allocation",
    "saved_method",
    "webhook",
    "cancel",
    "refund_full",
    "refund_part",
    "sweep",
    "resolver",
    "refund_elsewhere",
)


def seeds() -> list[int]:
    """Seeds that once found something in the product, which are run for ever, then the others."""
    lines = ONCE_BROKEN.read_text().splitlines()
    once_broken = [int(line.split()[0]) for line in lines if line and not line.startswith("#")]
    return [*once_broken, *range(FIRST_SEED, FIRST_SEED + SCHEDULES)]


def jobs(modules: Collection[str]) -> list[Job]:
    """What the modules that were chosen look at: schedules, crashed flows, or both."""
    flows = [Job(flows=[name]) for name in FLOWS] if "test_matrix" in modules else []
    schedules = [Job(seeds=[seed]) for seed in seeds()] if "test_sim" in modules else []
    return [*flows, *schedules]
