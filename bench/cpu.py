"""The processor time of process trees, read from /proc: wall time says little on a busy machine."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

TICK = os.sysconf("SC_CLK_TCK")
# What a process has used shows with a delay of up to some ticks.
SETTLE_S = 0.03
# Fields of /proc/<pid>/stat after the name: the parent, then user, system, and both of the dead.
PARENT, FIRST_TIME, LAST_TIME = 1, 11, 15


def tree_seconds(*roots: int) -> float:
    """Processor time of processes and all that they started, the ended ones included."""
    time.sleep(SETTLE_S)
    times: dict[int, int] = {}
    children: defaultdict[int, list[int]] = defaultdict(list)
    for pid, fields in _all():
        times[pid] = sum(map(int, fields[FIRST_TIME:LAST_TIME]))
        children[int(fields[PARENT])].append(pid)
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in seen:
            seen.add(pid)
            waiting += children[pid]
    return sum(times.get(pid, 0) for pid in seen) / TICK


def _all() -> Iterable[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            yield int(entry.name), text.rpartition(")")[2].split()


def machine() -> str:
    """What this machine is, for the table's head."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "?")
    return f"{os.cpu_count()} cores {model}, load {os.getloadavg()[0]:.1f}"
