"""Jobs divided among processes, each with servers and a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers import SERVERS  # isort: skip - sets Django up

from tests.moneysim.jobs import Job, Report

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = int(os.environ.get("MONEYSIM_SHARDS") or os.cpu_count() or 2)


def dealt(jobs: Sequence[Job], shards: int = PROCESSES) -> list[Job]:
    """Put small jobs together, in turn, so that every process gets about as much."""
    hands = [Job() for _ in range(shards)]
    for place, job in enumerate(jobs):
        hand = hands[place % shards]
        hand.seeds += job.seeds
        hand.flows += job.flows
        hand.pairs += job.pairs
        hand.mutants += job.mutants
        hand.seconds = min(hand.seconds, job.seconds)
    return hands


def run(jobs: Sequence[Job]) -> Report:
    """Do jobs side by side and add up what they report."""
    whole = Report()
    with tempfile.TemporaryDirectory(prefix="moneysim-") as folder:
        places = [Path(folder) / f"{number}.json" for number in range(len(jobs))]
        processors = cycle(sorted(os.sched_getaffinity(0)))
        running = [_start(*each) for each in zip(jobs, places, processors, strict=False)]
        outputs = [process.communicate()[0] for process in running]
        for process, place, output in zip(running, places, outputs, strict=True):
            if not place.exists():
                raise RuntimeError(f"a shard ended with {process.returncode}:\n{output[-4000:]}")
            whole.add(Report(**json.loads(place.read_text())))
    return whole


def _start(job: Job, place: Path, processor: int) -> subprocess.Popen[str]:
    """Start a process with servers of its own, or beside those that were given to all.

    The simulator and its database take turns: on one processor they wake each other sooner.
    """
    asked = {"PYTHONHASHSEED": "0", "MONEYSIM_JOB": json.dumps(asdict(job))}
    environment = SERVERS.without_them() | asked
    command = [sys.executable, "-m", "tests.moneysim", "--report", str(place)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.sched_setaffinity(process.pid, {processor})
    return process
