"""What one process of the simulator is asked to do, and what it reports."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import asdict, dataclass, field
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from tests.moneysim import matrix, schedule
from tests.moneysim.coverage import Coverage
from tests.moneysim.mutants import HUNTS, MUTANTS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.moneysim.machine import Machine
    from tests.moneysim.web import Requests

SEEDS_FOR_A_MUTANT = 50
type Pair = tuple[str, int, int]
"""A flow, and the two of its points at which it is crashed."""


@dataclass
class Job:
    """Schedules by seed, flows to crash once or twice, and mutants to catch."""

    seeds: list[int] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    mutants: list[str] = field(default_factory=list)
    seconds: float = math.inf
    """When to stop with schedules and with pairs."""


@dataclass
class Report:
    """What came of a job."""

    schedules: int = 0
    steps: int = 0
    seconds: float = 0
    failures: list[str] = field(default_factory=list)
    points: dict[str, int] = field(default_factory=dict)
    crashes: dict[str, int] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    """Where the flows can be crashed twice."""
    tried_pairs: int = 0
    harm: list[str] = field(default_factory=list)
    caught: dict[str, str] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    plays: dict[str, int] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """Add what another process reports."""
        for name, value in asdict(other).items():
            mine = getattr(self, name)
            if isinstance(mine, list):
                mine.extend(one for one in value if one not in mine)
            elif name == "caught":
                self.caught |= value
            elif isinstance(mine, dict):
                setattr(self, name, dict(Counter(mine) + Counter(value)))
            elif name == "seconds":
                self.seconds = max(self.seconds, value)
            else:
                setattr(self, name, mine + value)

    def write(self, place: Path) -> None:
        place.write_text(json.dumps(asdict(self)))


def work(machine: Machine, requests: Requests, job: Job) -> Report:
    """Do a job."""
    report, started = Report(), perf_counter()
    ends_at = started + job.seconds
    with Coverage() as coverage:
        for seed in job.seeds:
            if perf_counter() > ends_at:
                break
            _schedule(machine, requests, seed, report)
        for flow in job.flows:
            _crash(machine, requests, flow, report)
        for flow, first, second in job.pairs:
            if perf_counter() > ends_at:
                break
            harm = matrix.crash_twice(machine, requests, flow, (first, second))
            report.tried_pairs += 1
            report.harm += _told(harm)
    report.cells = sorted(coverage.cells)
    for mutant in job.mutants:
        report.caught[mutant] = catch(machine, requests, mutant)
    report.seconds = perf_counter() - started
    return report


def _crash(machine: Machine, requests: Requests, flow: str, report: Report) -> None:
    done = matrix.crash_everywhere(machine, requests, flow)
    report.points[flow], report.crashes[flow] = done.points, done.tried
    report.pairs += [(flow, first, second) for first, second in done.pairs]
    report.harm += _told(done.harm)


def _told(harm: list[matrix.Crash]) -> list[str]:
    return [f"{one.flow}: {one.where} {one.findings}" for one in harm]


def _schedule(machine: Machine, requests: Requests, seed: int, report: Report) -> None:
    outcome = schedule.run(machine, requests, seed)
    report.schedules += 1
    report.steps += outcome.steps
    report.faults = dict(Counter(report.faults) + Counter(outcome.faults))
    report.faults["crash"] = report.faults.get("crash", 0) + len(outcome.crashes)
    report.plays = dict(
        Counter(report.plays) + Counter(one.partition("#")[0] for one in outcome.plays)
    )
    report.labels = sorted(set(report.labels) | outcome.labels)
    if outcome.findings:
        report.failures.append(f"seed {seed}: {outcome.plays} {outcome.findings}")


def catch(machine: Machine, requests: Requests, name: str) -> str:
    """Hunt a planted bug; say by what it was caught, or nothing.

    It is caught where a schedule finds something that it does not find without the bug.
    """
    hunted = partial(schedule.run, machine, requests, situation=HUNTS[name])
    for seed in range(1, SEEDS_FOR_A_MUTANT + 1):
        outcome = hunted(seed, plant=MUTANTS[name])
        if outcome.findings and not hunted(seed).findings:
            return f"seed {seed}: {outcome.findings[0]}"
    return ""
