"""5 000 payments through the real processes with every fault of the sandbox switched on.

Customers come by the API and the pay page, pay at the provider's own pages, give up, are
refunded; meanwhile the provider loses answers, falls silent, repeats and reorders its
webhooks. Then the faults end, what is late is brought forward, and every euro is compared:
the provider's own list of effects, our captures, `verify_money` and `verify_seals`.

Short is what differs, what stays open, a payment that was not tried, a fault that never
happened, an exception in a program's log, and each payment by which fewer than three in four
were paid.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from bench import cpu
from bench.soak_customers import Customers
from config.embedded.house import ROOT, House, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_SECONDS = 480
HEAL_SECONDS = 90
WEB_PROCESSES = 2
PAID_SHARE = 0.75
FAULTS = {
    "delay": 0.02,
    "error_before": 0.02,
    "error_after": 0.02,
    "unavailable": 0.02,
    "black_hole": 0.002,
    "black_hole_before": 0.002,
    "reset": 0.015,
    "reset_before": 0.015,
    "garbled": 0.01,
    "slow_read": 0.01,
    "webhook_duplicate": 0.2,
    "webhook_reorder": 0.1,
    "webhook_drop": 0.2,
    "webhook_delay": 0.1,
    "webhook_bad_signature": 0.03,
    "webhook_stale": 0.05,
}


def check(house: House, *arguments: str) -> dict[str, Any]:
    """Ask the database, in a process of its own, and return its answer."""
    answer = subprocess.run(
        [sys.executable, "-m", "bench.soak_checks", house.sandbox_address, *arguments],
        check=True,
        cwd=ROOT,
        env=house.environment,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def heal(house: House) -> dict[str, int]:
    """End the faults and wait until nothing is open any more; what is late is brought forward."""
    httpx.delete(f"{house.sandbox_address}/_faults").raise_for_status()
    ends_at = time.monotonic() + HEAL_SECONDS
    still_open: dict[str, int] = check(house, "--forward")["open"]
    while any(still_open.values()) and time.monotonic() < ends_at:
        time.sleep(3)
        still_open = check(house, "--forward")["open"]
    return still_open


def prepare(house: House) -> str:
    """Start everything, seed customers, and return the API key."""
    house.environment |= {"KUITTI_DEMO": "1"}
    house.start_servers()
    house.start_sandbox()
    house.manage("migrate", "--database", "owner", "--verbosity", "0")
    house.start_programs()
    told = subprocess.run(
        [sys.executable, "manage.py", "seed_demo", "--customers", "200"],
        check=True,
        cwd=ROOT,
        env=house.environment,
        capture_output=True,
        text=True,
    ).stdout
    house.wait_until_ready()
    return told.split("API key: ")[1].split()[0]


def main() -> None:
    """Run the soak and end with `soak: N payments, M short`; exit 1 where anything is short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"soak: seed {options.seed}; {cpu.machine()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="kuitti-soak-") as home:
        house = House(Path(home), free_port(8700), quick=True, web_processes=WEB_PROCESSES)
        try:
            short = run(house, options.payments, options.seed)
        finally:
            house.stop()
    sys.exit(1 if short else 0)


def run(house: House, count: int, seed: int) -> int:
    """Run one soak in a house, print what came of it, and return how much is short."""
    began = time.monotonic()

    def tell(what: str) -> None:
        print(f"{time.monotonic() - began:4.0f} s  {what}", flush=True)

    customers = Customers(house, prepare(house), seconds=MOST_SECONDS, seed=seed)
    known = check(house, "--customers")["customers"]
    faults = {"rates": FAULTS, "delay_s": 0.5, "seed": seed}
    httpx.post(f"{house.sandbox_address}/_faults", json=faults).raise_for_status()
    tell("ready, faults on")
    asyncio.run(customers.pay(known, count))
    tell(f"customers: {in_words(customers.outcomes)}")
    tell(f"processor seconds: {in_words(processor_seconds(house))}")
    drawn = httpx.get(f"{house.sandbox_address}/_faults").json()["drawn"]
    tell(f"faults: {in_words(drawn)}")
    still_open = heal(house)
    tell(f"healed, still open: {in_words(still_open)}")
    findings = [
        *check(house, "--verify")["findings"],
        *too_few(customers, count, drawn),
        *mistakes(house),
    ]
    tell(f"verified; processor seconds: {in_words(processor_seconds(house))}")
    for finding in findings:
        print(finding)
    tried = customers.outcomes.total()
    short: int = len(findings) + sum(still_open.values()) + max(0, count - tried)
    print(f"soak: {tried} payments, {short} short")
    return short


def too_few(customers: Customers, count: int, drawn: Mapping[str, int]) -> Iterator[str]:
    """Yield a sentence for each fault that never happened and each payment too few."""
    for fault in FAULTS:
        if not drawn.get(fault):
            yield f"the fault {fault} never happened"
    paid = sum(customers.outcomes[outcome] for outcome in customers.PAID)
    for missing in range(int(count * PAID_SHARE) - paid):
        yield f"only {paid} were paid, {missing + 1} too few"


def mistakes(house: House) -> Iterator[str]:
    """Yield every exception that a program met and did not expect, with how it was noted."""
    for name in house.running:
        for line in house.log(name).read_text(errors="replace").splitlines():
            if line.startswith("Traceback"):
                yield f"{name} told of an exception outside of its log"
            elif '"traceback"' in line:
                noted = json.loads(line)
                last = noted["traceback"].rstrip().rpartition("\n")[2]
                yield f"{name}: {noted['message']}: {last}"


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


if __name__ == "__main__":
    main()
