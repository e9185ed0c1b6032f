"""`python -m tests.moneysim --seed 42`: run schedules and say what they came to."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

if os.environ.get("PYTHONHASHSEED") != "0":
    os.environ["PYTHONHASHSEED"] = "0"
    os.execv(sys.executable, [sys.executable, "-m", "tests.moneysim", *sys.argv[1:]])

from tests.moneysim.home import database_ready  # isort: skip - sets Django up

from tests.moneysim import matrix, schedule, shrink
from tests.moneysim.flows import FLOWS
from tests.moneysim.jobs import Job, work
from tests.moneysim.machine import Machine, machine
from tests.moneysim.mutants import MUTANTS
from tests.moneysim.web import Requests


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.moneysim", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--schedules", type=int, default=1)
    parser.add_argument("--bug", choices=MUTANTS, help="plant a bug, to see it caught")
    parser.add_argument("--crash-matrix", choices=FLOWS, metavar="FLOW")
    parser.add_argument("--tell", action="store_true", help="print every step")
    parser.add_argument("--shrink", action="store_true", help="tell the shortest failing story")
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    with database_ready(), machine() as made:
        requests = Requests()
        schedule.run(made, requests, 0)
        if options.report:
            job = Job(**json.loads(os.environ["MONEYSIM_JOB"]))
            work(made, requests, job).write(options.report)
            return 0
        if options.crash_matrix:
            return _crash(made, requests, options.crash_matrix)
        return _schedules(made, requests, options)


def _crash(made: Machine, requests: Requests, flow: str) -> int:
    done = matrix.crash_everywhere(made, requests, flow)
    told = f"{done.points} yield points, {done.tried} crashes, {len(done.harm)} with harm"
    print(f"{flow}: {told}; {len(done.pairs)} pairs")
    for one in done.harm:
        print(f"  {one.where}: {one.findings}")
    return int(bool(done.harm))


def _schedules(made: Machine, requests: Requests, options: argparse.Namespace) -> int:
    plant = MUTANTS.get(options.bug, lambda _patches: None)
    failed = []
    for seed in range(options.seed, options.seed + options.schedules):
        outcome = schedule.run(made, requests, seed, plant=plant)
        if options.tell:
            print(*outcome.told, sep="\n")
        print(f"seed {seed}: {outcome.steps} steps, trace {outcome.trace[:12]}, {outcome.plays}")
        print(*(f"  {one}" for one in outcome.findings), sep="\n", end="", flush=True)
        if outcome.findings:
            failed.append(seed)
            print()
            if options.shrink:
                print(shrink.story(made, requests, outcome, plant))
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
