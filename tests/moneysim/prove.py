"""`make prove`: every gate before a release, and one table, each gate green or red."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING

from tests.servers import SERVERS  # isort: skip - sets Django up

from tests.moneysim import everyday, shards
from tests.moneysim.coverage import all_cells
from tests.moneysim.faults import HAPPEN
from tests.moneysim.flows import FLOWS
from tests.moneysim.jobs import SEEDS_FOR_A_MUTANT, Job, Report
from tests.moneysim.mutants import MUTANTS

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEDULES = int(os.environ.get("MONEYSIM_PROVE_SCHEDULES", "20000"))
AN_HOUR_NEEDS = 4
"""So many processors do all of it within an hour; with fewer it may take as much longer."""
PROCESSORS = os.cpu_count() or 1
MINUTES = float(os.environ.get("MONEYSIM_MINUTES") or 60 * max(1.0, AN_HOUR_NEEDS / PROCESSORS))
FOR_PAIRS = 1 / 4
"""The most that pairs of crashes may take of the time."""
FOR_THE_END_S = 60.0
FIRST_SEED = 1_000_000
AT_A_TIME = 2_000
"""Schedules between two reports, so that a run which somebody ends has not been for nothing."""


@dataclass(frozen=True)
class Gate:
    """One line of the table."""

    name: str
    wanted: str
    found: str
    is_green: bool

    def __str__(self) -> str:
        sign = "green" if self.is_green else "RED"
        return f"{sign:5}  {self.name:44}  {self.wanted:>26}  {self.found}"


def main() -> int:
    started = perf_counter()
    gates: list[Gate] = []
    for gate in _before_schedules():
        gates.append(gate)
        # Said as it comes, too: a run that somebody ends has then not been for nothing.
        _tell([f"{(perf_counter() - started) / 60:5.1f} min  {gate.name}: {gate.found}"])
    left_s = MINUTES * 60 - (perf_counter() - started) - FOR_THE_END_S
    gates += _of_schedules(max(60.0, left_s))
    took = (perf_counter() - started) / 60
    wanted = f"≤ {MINUTES:.0f} min on {PROCESSORS} processors"
    gates.append(Gate("wall time", wanted, f"{took:.1f} min", took <= MINUTES))
    print(f"{'':5}  {'gate':44}  {'wanted':>26}  found")
    print(*gates, sep="\n")
    return int(not all(gate.is_green for gate in gates))


def _before_schedules() -> Iterator[Gate]:
    yield from _kill_lanes()
    yield _cells()
    yield from _of_crashes()
    yield _of_mutants()


def _of_crashes() -> Iterator[Gate]:
    single = shards.run(shards.dealt([Job(flows=[name]) for name in everyday.FLOWS]))
    _tell(single.harm)
    crashes, points = sum(single.crashes.values()), sum(single.points.values())
    yield Gate(
        "crash matrix: every point of every flow",
        f"{len(FLOWS)} flows, no harm",
        f"{len(single.crashes)} flows, {points} points, {crashes} crashes",
        set(single.crashes) == set(FLOWS) and not single.harm,
    )
    # Shuffled, so that a run which is cut short has tried some of every flow.
    pairs = Random("pairs").sample(single.pairs, len(single.pairs))
    hands = shards.dealt([Job(pairs=[pair]) for pair in pairs])
    double = shards.run([replace(hand, seconds=MINUTES * 60 * FOR_PAIRS) for hand in hands])
    _tell(double.harm)
    yield Gate(
        "crash matrix: every pair",
        f"{len(pairs)}, no harm",
        f"{double.tried_pairs}, {len(double.harm)} with harm",
        double.tried_pairs == len(pairs) > 0 and not double.harm,
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
    report, ends_at = Report(), perf_counter() + seconds
    for first in range(FIRST_SEED, FIRST_SEED + SCHEDULES, AT_A_TIME):
        left_s = ends_at - perf_counter()
        if left_s <= 0:
            break
        last = min(first + AT_A_TIME, FIRST_SEED + SCHEDULES)
        hands = shards.dealt([Job(seeds=[seed]) for seed in range(first, last)])
        found = shards.run([replace(hand, seconds=left_s) for hand in hands])
        report.add(found)
        _tell([*found.failures, f"{report.schedules} schedules, {len(report.failures)} violations"])
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


def _kill_lanes() -> Iterator[Gate]:
    yield _tests("real processes: each fault by itself", "tests/system")
    done = _run("-m", "bench.kill")
    yield Gate(
        "real processes: everything killed at random",
        "0 short",
        _last_line(done).removeprefix("kill: "),
        done.returncode == 0,
    )


def _tests(name: str, path: str) -> Gate:
    done = _run("-m", "pytest", "-q", path)
    return Gate(name, "all pass", _last_line(done).strip("= "), done.returncode == 0)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end. What it printed is shown where it failed."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=shards.ROOT,
        env=SERVERS.without_them(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        _tell([done.stdout[-4_000:], done.stderr[-2_000:]])
    return done


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout.strip().splitlines() or ["nothing was run"])[-1]


def _tell(lines: list[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
