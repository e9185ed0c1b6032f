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
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench import cpu
from bench.crowd import gathering
from bench.crowd.customers import Customers
from bench.crowd.gathering import check, in_words, processor_seconds
from config.embedded.house import House, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_SECONDS = 480
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

    key = gathering.start(house, customers=200)
    customers = Customers(house, key, seconds=MOST_SECONDS, seed=seed)
    known = check(house, "--customers")["customers"]
    gathering.make_faults(house, FAULTS, seed)
    tell("ready, faults on")
    asyncio.run(customers.pay(known, count))
    tell(f"customers: {in_words(customers.outcomes)}")
    tell(f"processor seconds: {in_words(processor_seconds(house))}")
    drawn = gathering.drawn_faults(house)
    tell(f"faults: {in_words(drawn)}")
    still_open = gathering.heal(house)
    tell(f"healed, still open: {in_words(still_open)}")
    findings = [
        *check(house, "--verify")["findings"],
        *too_few(customers, count, drawn),
        *(f"{name}: {note}: {error}" for name, note, error in gathering.exceptions(house)),
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


if __name__ == "__main__":
    main()
