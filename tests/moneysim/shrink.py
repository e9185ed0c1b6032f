"""From a schedule that fails to a short story: plays and faults are taken away one by one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.moneysim import schedule
from tests.moneysim.clock import STARTS_AT
from tests.moneysim.faults import MOST

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.moneysim.machine import Machine
    from tests.moneysim.patches import Patches
    from tests.moneysim.schedule import Outcome
    from tests.moneysim.web import Requests

# What somebody else can see of a step; what a process only reads is left out.
TELLING = re.compile(
    r"(?P<at>[\d.]+) (?P<who>.+-\d+) (?P<what>CRASH|send .*|carried out.*|find|fetch|publish .*|ack"
    r"|commit done|written|sql INSERT payments_\w+|sql INSERT crm_outgoingmessage)$"
)
LONGEST = 80


def shrunk(
    machine: Machine, requests: Requests, outcome: Outcome, plant: Callable[[Patches], None]
) -> Outcome:
    """The smallest schedule that still breaks the same invariant."""
    wanted = _broken(outcome)
    best = outcome
    plays, without = list(outcome.plays), [name for name in MOST if name not in outcome.faults]
    if outcome.crashes and "crash" in without:
        without.remove("crash")

    def fails(only: list[str], faults_off: list[str]) -> Outcome | None:
        tried = schedule.run(
            machine,
            requests,
            outcome.seed,
            only=only,
            without=faults_off,
            plant=plant,
            situation=outcome.situation,
        )
        return tried if wanted & _broken(tried) else None

    for play in list(plays):
        fewer = [one for one in plays if one != play]
        if fewer and (tried := fails(fewer, without)):
            best, plays = tried, fewer
    for fault in [name for name in MOST if name not in without]:
        if tried := fails(plays, [*without, fault]):
            best, without = tried, [*without, fault]
    return best


def story(
    machine: Machine, requests: Requests, outcome: Outcome, plant: Callable[[Patches], None]
) -> str:
    """Tell the smallest failing schedule: who wanted what, what went wrong, step by step."""
    least = shrunk(machine, requests, outcome, plant)
    steps = [told for line in least.told if (told := _step(line))]
    left_out = len(steps) - LONGEST
    faults = ", ".join(f"{name} {count}" for name, count in least.faults.items()) or "none"
    lines = [
        f"Seed {least.seed}: {', '.join(least.plays)}.",
        f"Faults: {faults}.",
        f"Crashes: {', '.join(least.crashes) or 'none'}.",
        *(f"  ({left_out} steps before)" for _ in range(left_out > 0)),
        *(f"  {line}" for line in steps[-LONGEST:]),
        *(f"Broken: {one}" for one in least.findings),
    ]
    return "\n".join(lines)


def _broken(outcome: Outcome) -> set[str]:
    return {one.partition(":")[0] for one in outcome.findings}


def _step(line: str) -> str:
    """One line of the story, or nothing: when, who, and what others saw of it."""
    found = TELLING.match(line.strip())
    if found is None:
        return ""
    what = found["what"].removeprefix("sql ").replace("INSERT", "writes")
    return f"{float(found['at']) - STARTS_AT:9.1f} s  {found['who']:28} {what}"
