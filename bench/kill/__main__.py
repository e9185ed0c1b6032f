"""500 payments and 2 000 webhooks while everything we run is killed, cut and emptied.

Web, worker and clock are killed and restarted as a supervisor would, PostgreSQL stops at once,
Redis is killed and emptied, and proxies on both ways to the provider reset connections, swallow
requests and cut answers short. Then all is healed, and compared: the provider's effects with
our books, every delivery that was answered 2xx with the inbox, every promise of the API with
what is there, and no receipt and no message is there twice.

Ends with `kill: N payments, W webhooks, K kills, M short`; exit 1 where anything is short.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from bench import cpu
from bench.crowd import gathering
from bench.crowd.customers import Customers, Habits
from bench.crowd.gathering import check, in_words
from bench.kill import findings
from bench.kill.proxy import FAULTS, Proxy
from bench.kill.strikes import KILLS, Supervisor, plan
from config.embedded.house import House, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_SECONDS = 330
WEB_PROCESSES = 2
CUSTOMERS = 60
PAID_SHARE = 0.75
WEBHOOKS_A_PAYMENT = 4
OF_OTHERS = {"DATABASE_URL", "REDIS_URL"}
HASTY = "bench.kill.hasty:application"
HABITS = Habits(at_once=8, thinking_s=0.5, patience_s=60)
TO_PROVIDER = {
    "reset_before": 0.02,
    "reset_after": 0.02,
    "hole_before": 0.003,
    "hole_after": 0.003,
    "truncate": 0.02,
    "slow": 0.02,
}
TO_US = TO_PROVIDER | {"hole_before": 0.002, "hole_after": 0.002}
FROM_PROVIDER = {"webhook_duplicate": 0.3, "webhook_reorder": 0.1}


class Door:
    """What came to the door for webhooks, by the answers that really left it."""

    def __init__(self) -> None:
        self.answered: set[str] = set()
        self.deliveries = 0

    def see(self, body: bytes, status: int) -> None:
        """Note a delivery that was answered 2xx. Other requests have no event."""
        event = event_of(body)
        if event and status // 100 == 2:
            self.answered.add(event)
            self.deliveries += 1


def event_of(body: bytes) -> str:
    try:
        return str(json.loads(body).get("id", ""))
    except (ValueError, AttributeError):
        return ""


@contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own, for customers and proxies."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="customers and proxies", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


class Lane:
    """One run: the house, the two proxies, the customers, and what came of them."""

    def __init__(self, home: Path, loop: asyncio.AbstractEventLoop, *, seed: int) -> None:
        # Durable as in production: what was committed outlives a stop of the server.
        self.house = House(home, free_port(9100), web_processes=WEB_PROCESSES)
        self.loop = loop
        self.seed = seed
        self.door = Door()
        self.to_provider = Proxy(self.house.sandbox_port, seed=seed)
        self.to_us = Proxy(self.house.port, seed=seed + 1, witness=self.door.see)
        self.proxies = (self.to_provider, self.to_us)
        self.supervisor = Supervisor(self.house, self.proxies, seed)
        self.began = time.monotonic()

    def run(self, count: int) -> int:
        """Do everything, say what came of it, and return how much is short."""
        key = self._start()
        before = check(self.house, "--kept")["objects"]
        customers = Customers(self.house, key, seconds=MOST_SECONDS, seed=self.seed, habits=HABITS)
        strikes = plan(count, self.seed)
        self._let_them_pay(customers, count, strikes)
        still_open = self._heal()
        self.tell(f"healed, still open: {in_words(still_open)}")
        found = [*self._findings(customers, count, before), *self._gaps(customers, count, strikes)]
        self.tell("verified")
        for finding in found:
            print(finding)
        short = len(found) + sum(still_open.values())
        kills = sum(self.supervisor.done[name] for name in KILLS)
        print(
            f"kill: {customers.outcomes.total()} payments, {self.door.deliveries} webhooks,"
            f" {kills} kills, {short} short"
        )
        return short

    def tell(self, what: str) -> None:
        print(f"{time.monotonic() - self.began:4.0f} s  {what}", flush=True)

    def _start(self) -> str:
        for proxy in self.proxies:
            asyncio.run_coroutine_threadsafe(proxy.start(), self.loop).result()
        key = gathering.start(
            self.house,
            customers=CUSTOMERS,
            SANDBOX_URL=self.to_provider.address,
            MESSAGE_GATEWAY_URL=f"{self.to_provider.address}/gateway/messages",
            PUBLIC_URL=self.to_us.address,
        )
        self.to_provider.rates, self.to_us.rates = TO_PROVIDER, TO_US
        for proxy in self.proxies:
            proxy.owed = list(FAULTS)
        gathering.make_faults(self.house, FROM_PROVIDER, self.seed)
        self.tell("ready, faults on")
        return key

    def _let_them_pay(self, customers: Customers, count: int, strikes: list[str]) -> None:
        known = check(self.house, "--customers")["customers"]
        # Neither runs ahead: customers meet every strike, and every strike meets customers.
        customers.may_come = lambda: (
            customers.came <= self.supervisor.struck * count + HABITS.at_once
        )
        paying = asyncio.run_coroutine_threadsafe(customers.pay(known, count), self.loop)
        staff = asyncio.run_coroutine_threadsafe(self._refund_there(), self.loop)
        self.supervisor.strike(
            strikes, share_done=lambda: customers.outcomes.total() / count, until=paying
        )
        staff.cancel()
        self.tell(f"customers: {in_words(customers.outcomes)}")
        self.tell(f"strikes: {in_words(self.supervisor.done)}")
        if self.supervisor.ended:
            self.tell(f"ended by themselves: {in_words(self.supervisor.ended)}")

    async def _refund_there(self) -> None:
        """Let the provider's own staff refund a little of each payment, twice, unasked."""
        seen: set[str] = set()
        async with httpx.AsyncClient(base_url=self.house.sandbox_address, timeout=30) as staff:
            while True:
                effects = (await staff.get("/_effects")).json()["effects"]
                new = [one["payment"] for one in effects if one["kind"] == "capture"]
                for payment in (one for one in new if one not in seen):
                    seen.add(payment)
                    for _ in range(2):
                        path = f"/dashboard/payments/{payment}/refund"
                        await staff.post(path, data={"amount": "5"})
                await asyncio.sleep(2)

    def _heal(self) -> dict[str, int]:
        for proxy in self.proxies:
            proxy.rates, proxy.owed = {}, []
        self.supervisor.lighten()
        ends_at = time.monotonic() + findings.RECOVERY_S
        while time.monotonic() < ends_at and any(
            one.seconds is None for one in self.supervisor.recoveries
        ):
            self.supervisor.look_after()
            time.sleep(0.2)
        self.supervisor.end_all_work(lambda: check(self.house, "--end-leases"))
        self.tell("healing")
        return gathering.heal(self.house)

    def _findings(
        self, customers: Customers, count: int, before: dict[str, list[str]]
    ) -> Iterator[str]:
        """What is wrong."""
        kept: dict[str, Any] = check(self.house, "--kept")
        told = {event_of(one["body"].encode()): one["state"] for one in self._deliveries()}
        delivered = {event for event, state in told.items() if state == "delivered"}
        self.tell(
            f"answered well: {self.door.deliveries} deliveries of {len(self.door.answered)}"
            f" events; receipts: {len(kept['receipts'])}"
        )
        yield from check(self.house, "--verify")["findings"]
        yield from findings.lost_webhooks(self.door.answered | delivered, kept["inbox"])
        yield from findings.broken_promises(
            customers.promised, customers.unanswered, before, kept["objects"]
        )
        yield from findings.doubled_receipts(kept["receipts"])
        yield from findings.doubled_messages(self.house.home / "sandbox.db")
        yield from findings.slow_recoveries(one.seconds for one in self.supervisor.recoveries)
        yield from findings.unexpected(gathering.exceptions(self.house))
        done = self.supervisor.done
        yield from findings.restless(self.supervisor.ended, done["Valkey"] + done["empty Redis"])

    def _gaps(self, customers: Customers, count: int, strikes: list[str]) -> Iterator[str]:
        """What did not happen and should have, so that the run proves less than it says."""
        drawn = self.to_provider.drawn + self.to_us.drawn
        self.tell(f"faults on the way: {in_words(drawn)}")
        waited = [one.seconds for one in self.supervisor.recoveries if one.seconds]
        if waited:
            self.tell(f"recoveries of the database: {min(waited):.1f} to {max(waited):.1f} s")
        wanted = {name: strikes.count(name) for name in strikes}
        yield from findings.too_few(wanted, self.supervisor.done)
        yield from findings.too_few(dict.fromkeys(FAULTS, 1), drawn)
        happened = {
            "payments tried": customers.outcomes.total(),
            "payments paid": sum(customers.outcomes[one] for one in customers.PAID),
            "webhooks answered": self.door.deliveries,
        }
        floors = (count, int(count * PAID_SHARE), count * WEBHOOKS_A_PAYMENT)
        yield from findings.too_few(dict(zip(happened, floors, strict=True)), happened)

    def _deliveries(self) -> list[dict[str, Any]]:
        return gathering.deliveries_of(self.house)


def main() -> None:
    """Run once; exit 1 where anything is short."""
    parser = argparse.ArgumentParser(prog="python -m bench.kill", description=__doc__)
    parser.add_argument("--payments", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--home", type=Path, help="keep data and logs here")
    parser.add_argument("--hasty", action="store_true", help="plant the mistake it must find")
    options = parser.parse_args()
    if OF_OTHERS & os.environ.keys():
        parser.error("servers of others are not killed: unset DATABASE_URL and REDIS_URL")
    print(f"kill: seed {options.seed}; {cpu.machine()}", flush=True)
    with tempfile.TemporaryDirectory(prefix="kuitti-kill-") as passing, running_loop() as loop:
        lane = Lane(options.home or Path(passing), loop, seed=options.seed)
        if options.hasty:
            lane.house.web_application = HASTY
        try:
            short = lane.run(options.payments)
        finally:
            lane.house.stop()
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main()
