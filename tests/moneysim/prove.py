"""`make prove`: every gate before a release, and one table, each gate green or red."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from tests.moneysim import shards  # isort: skip - sets Django up

from tests.moneysim import everyday
from tests.moneysim.coverage import all_cells
from tests.moneysim.faults import HAPPEN
from tests.moneysim.flows import FLOWS
from tests.moneysim.jobs import SEEDS_FOR_A_MUTANT, Job
from tests.moneysim.mutants import MUTANTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.moneysim.jobs import Report

SCHEDULES = int(os.environ.get("MONEYSIM_PROVE_SCHEDULES", "20000"))
MINUTES = float(os.environ.get("MONEYSIM_MINUTES", "60"))
FOR_PAIRS = 1 / 6
"""The share of the minutes for pairs of crashes, of which there are more than an hour holds."""
FOR_THE_END_S = 60.0
FIRST_SEED = 1_000_000


@dataclass(frozen=True)
class Gate:
    """One line of the table."""

    name: str
    wanted: str
    found: str
    is_green: bool

    def __str__(self) -> str:
        sign = "green" if self.is_green else "RED"
        return f"{sign:5}  {self.name:44}  {self.wanted:>22}  {self.found}"


def main() -> int:
    started = perf_counter()
    gates = [*_of_crashes(), _of_mutants(), _kill_lane(), _cells()]
    left_s = MINUTES * 60 - (perf_counter() - started) - FOR_THE_END_S
    gates += _of_schedules(max(60.0, left_s))
    took = (perf_counter() - started) / 60
    gates.append(Gate("wall time", f"≤ {MINUTES:.0f} min", f"{took:.1f} min", took <= MINUTES))
    print(f"{'':5}  {'gate':44}  {'wanted':>22}  found")
    print(*gates, sep="\n")
    return int(not all(gate.is_green for gate in gates))


def _of_crashes() -> Iterator[Gate]:
    seconds = MINUTES * 60 * FOR_PAIRS
    jobs = [Job(flows=[name], pair_seconds=seconds) for name in everyday.FLOWS]
    report = shards.run(shards.dealt(jobs))
    _tell(report.harm)
    crashes, points = sum(report.crashes.values()), sum(report.points.values())
    yield Gate(
        "crash matrix: every point of every flow",
        f"{len(FLOWS)} flows, no harm",
        f"{len(report.crashes)} flows, {points} points, {crashes} crashes",
        set(report.crashes) == set(FLOWS) and not report.harm,
    )
    tried, pairs = sum(report.pair_crashes.values()), sum(report.pairs.values())
    yield Gate(
        "crash matrix: pairs",
        f"of every flow, {seconds / 60:.0f} min",
        f"{tried} of {pairs} pairs, {len(report.harm)} with harm",
        set(report.pair_crashes) == set(FLOWS) and not report.harm,
    )


def _of_mutants() -> Gate:
    report = shards.run(shards.dealt([Job(mutants=[name]) for name in MUTANTS]))
    missed = [name for name in MUTANTS if not report.caught.get(name)]
    _tell([f"not caught: {name}" for name in missed])
    return Gate(
        "planted bugs",
        f"all in {SEEDS_FOR_A_MUTANT} seeds",
        f"{len(MUTANTS) - len(missed)} of {len(MUTANTS)} caught",
        not missed,
    )


def _of_schedules(seconds: float) -> list[Gate]:
    last = FIRST_SEED + SCHEDULES
    hands = shards.dealt([Job(seeds=[seed]) for seed in range(FIRST_SEED, last)])
    for hand in hands:
        hand.seconds = seconds
    report = shards.run(hands)
    _tell(report.failures)
    return [
        Gate(
            "schedules",
            f"≥ {SCHEDULES}",
            f"{report.schedules}, {report.steps} steps",
            report.schedules >= SCHEDULES,
        ),
        Gate("violations", "0", str(len(report.failures)), not report.failures),
        _reached(report),
        _gone_wrong(report),
    ]


def _reached(report: Report) -> Gate:
    cells = all_cells()
    found = f"{len(report.cells)} of {len(cells)}, {len(report.labels)} kinds of yield point"
    return Gate("state × event cells that schedules reached", "told", found, bool(report.cells))


def _gone_wrong(report: Report) -> Gate:
    """A fault that is planned and that no schedule meets is a gap."""
    never = [name for name in HAPPEN if not report.faults.get(name)]
    _tell([f"never happened: {name}" for name in never])
    found = f"{len(HAPPEN) - len(never)} of {len(HAPPEN)}, {sum(report.faults.values())} times"
    return Gate("faults that schedules met", "every one", found, not never)


def _cells() -> Gate:
    return _tests("state × event cells with an expected result", "tests/moneysim/test_cells.py")


def _kill_lane() -> Gate:
    return _tests("real processes killed", "tests/system")


def _tests(name: str, path: str) -> Gate:
    command = [sys.executable, "-m", "pytest", "-q", path]
    done = subprocess.run(command, cwd=shards.ROOT, capture_output=True, text=True, check=False)
    last = (done.stdout.strip().splitlines() or ["nothing was run"])[-1]
    return Gate(name, "all pass", last.strip("= "), done.returncode == 0)


def _tell(lines: list[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
