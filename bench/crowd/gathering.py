"""A house full of customers: starting it, healing it, and asking it afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx

from bench import cpu
from config.embedded.house import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.embedded.house import House

HEAL_SECONDS = 90
BETWEEN_LOOKS_S = 3


def start(house: House, *, customers: int, **environment: str) -> str:
    """Start everything, seed customers, and return the API key.

    `environment` replaces what the house would tell its programs.
    """
    house.start_servers()
    house.environment |= {"KUITTI_DEMO": "1", **environment}
    house.start_sandbox()
    house.migrate()
    house.start_programs()
    told = subprocess.run(
        [sys.executable, "manage.py", "seed_demo", "--customers", str(customers)],
        check=True,
        cwd=ROOT,
        env=house.environment,
        capture_output=True,
        text=True,
    ).stdout
    house.wait_until_ready()
    return told.split("API key: ")[1].split()[0]


def check(house: House, *arguments: str) -> dict[str, Any]:
    """Ask the database, in a process of its own, and return its answer."""
    answer = subprocess.run(
        [sys.executable, "-m", "bench.crowd.checks", house.sandbox_address, *arguments],
        check=True,
        cwd=ROOT,
        env=house.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def make_faults(house: House, rates: Mapping[str, float], seed: int) -> None:
    """Let the provider misbehave at these rates, until `heal`."""
    faults = {"rates": rates, "delay_s": 0.5, "seed": seed}
    httpx.post(f"{house.sandbox_address}/_faults", json=faults).raise_for_status()


def drawn_faults(house: House) -> dict[str, int]:
    """How often each fault of the provider happened."""
    drawn: dict[str, int] = httpx.get(f"{house.sandbox_address}/_faults").json()["drawn"]
    return drawn


def heal(house: House) -> dict[str, int]:
    """End the faults and wait until nothing is open any more; what is late is brought forward."""
    httpx.delete(f"{house.sandbox_address}/_faults").raise_for_status()
    ends_at = time.monotonic() + HEAL_SECONDS
    still_open = _still_open(house)
    while any(still_open.values()) and time.monotonic() < ends_at:
        time.sleep(BETWEEN_LOOKS_S)
        still_open = _still_open(house)
    return still_open


def _still_open(house: House) -> dict[str, int]:
    found: dict[str, int] = check(house, "--forward")["open"]
    deliveries = deliveries_of(house)
    return found | {"deliveries": sum(one["state"] == "pending" for one in deliveries)}


def deliveries_of(house: House) -> list[dict[str, Any]]:
    """Every event of the provider, with what became of it there."""
    answer = httpx.get(f"{house.sandbox_address}/_deliveries", timeout=60)
    found: list[dict[str, Any]] = answer.json()["deliveries"]
    return found


def exceptions(house: House) -> Iterator[tuple[str, str, str]]:
    """Yield every exception that a program met: the program, what it noted, the exception."""
    for name in house.running:
        for line in house.log(name).read_text(errors="replace").splitlines():
            if line.startswith("Traceback"):
                yield name, "told of an exception outside of its log", ""
            elif '"traceback"' in line:
                noted = json.loads(line)
                yield name, noted["message"], raised(noted["traceback"])


def raised(traceback: str) -> str:
    """The exception at the end of a traceback, in one line: its message may have several."""
    after_frames = traceback.rpartition("\n  File ")[2].splitlines()[1:]
    return next((line for line in after_frames if not line.startswith(" ")), traceback[-200:])


def processor_seconds(house: House) -> dict[str, int]:
    """What each program has used, with all that it started."""
    programs = {name: one.pid for name, one in house.running.items()}
    server = house._postgres._process if house._postgres else None  # noqa: SLF001
    if server is not None:
        programs["PostgreSQL"] = server.pid
    used = {name: round(cpu.tree_seconds(pid)) for name, pid in programs.items()}
    return used | {"customers": round(time.process_time())}


def in_words(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
