"""What strikes the house, in a seeded order, and who puts everything up again."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psycopg
import redis

from config.embedded.postgres import DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

    from bench.kill.proxy import Proxy
    from config.embedded.house import House

# How often each happens in a whole run; a smaller one has its share, and each at least once.
IN_A_WHOLE_RUN = {
    "worker": 12,
    "one process of the worker": 6,
    "web": 8,
    "one process of web": 6,
    "beat": 5,
    "empty Redis": 6,
    "database": 20,
    "Valkey": 5,
    "cut": 6,
    "dark": 4,
}
WHOLE_RUN = 500
KILLS = ("worker", "one process of the worker", "web", "one process of web", "beat", "Valkey")
LONGEST_AWAY_S = 2.0
DARK_S = 5.0
TICK_S = 0.2


def plan(payments: int, seed: int) -> list[str]:
    """Every strike of a run for so many payments, in its order."""
    strikes = [
        name
        for name, times in IN_A_WHOLE_RUN.items()
        for _ in range(max(1, round(times * payments / WHOLE_RUN)))
    ]
    random.Random(seed).shuffle(strikes)
    return strikes


@dataclass
class Recovery:
    """One stop of the database, and how long nothing was done after it."""

    stopped_at: float
    restarted_at: float = 0
    seconds: float | None = None


@dataclass
class Supervisor:
    """Strikes as the plan says, spread over the payments, and restarts whatever has ended.

    Programs die with the thread that started them, so all of it runs in the main thread.
    """

    house: House
    proxies: Sequence[Proxy]
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    recoveries: list[Recovery] = field(default_factory=list)
    struck: float = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._light_at = 0.0
        self._acts: dict[str, Callable[[], None]] = {
            "worker": lambda: self._kill("worker"),
            "one process of the worker": lambda: self._kill_one("worker"),
            "web": lambda: self._kill("web"),
            "one process of web": lambda: self._kill_one("web"),
            "beat": lambda: self._kill("beat"),
            "empty Redis": self._empty_redis,
            "database": self._crash_database,
            "Valkey": lambda: self.house.crash_valkey(away_s=self._away()),
            "cut": self._cut,
            "dark": self._darken,
        }

    def strike(
        self, strikes: Sequence[str], *, share_done: Callable[[], float], until: Future[None]
    ) -> None:
        """Strike as often as planned; the share of customers that is done decides when."""
        waiting = list(strikes)
        while waiting or not until.done():
            self.struck = 1 - len(waiting) / len(strikes)
            if waiting and (share_done() >= self.struck or until.done()):
                name = waiting.pop(0)
                self._acts[name]()
                self.done[name] += 1
            self.look_after()
            time.sleep(TICK_S)
        until.result()

    def end_all_work(self, meanwhile: Callable[[], object]) -> None:
        """Kill everything that holds a lease, and start it again after `meanwhile`."""
        for name in ("web", "worker"):
            self.house.kill(name)
        meanwhile()
        for name in ("web", "worker"):
            self._restart(name)

    def look_after(self) -> None:
        """Restart what has ended by itself, light what is dark, see what came back."""
        for name, program in list(self.house.running.items()):
            if program.poll() is not None:
                self.ended[name] += 1
                self._restart(name)
        if self._light_at and time.monotonic() > self._light_at:
            self.lighten()
        for recovery in self.recoveries:
            if recovery.seconds is None and self._works_since(recovery.restarted_at):
                recovery.seconds = time.time() - recovery.stopped_at

    def lighten(self) -> None:
        """End the darkness; whoever was held is cut."""
        self._light_at = 0.0
        for proxy in self.proxies:
            proxy.is_dark = False
        self._cut()

    def _kill(self, name: str) -> None:
        self.house.kill(name)
        self._restart(name)

    def _restart(self, name: str) -> None:
        start = {
            "web": self.house.start_web,
            "worker": self.house.start_worker,
            "beat": self.house.start_beat,
            "sandbox": self.house.start_sandbox,
        }
        start[name]()

    def _kill_one(self, name: str) -> None:
        """Kill one process that a program started; it has to start another by itself."""
        children = children_of(self.house.running[name].pid)
        if children:
            os.kill(self._random.choice(children), signal.SIGKILL)

    def _empty_redis(self) -> None:
        with redis.Redis.from_url(self.house.environment["REDIS_URL"]) as client:
            client.flushall()

    def _crash_database(self) -> None:
        recovery = Recovery(stopped_at=time.time())
        self.house.crash_database(away_s=self._away())
        recovery.restarted_at = time.time()
        self.recoveries.append(recovery)

    def _cut(self) -> None:
        for proxy in self.proxies:
            proxy.cut()

    def _darken(self) -> None:
        self._light_at = time.monotonic() + DARK_S
        for proxy in self.proxies:
            proxy.is_dark = True

    def _away(self) -> float:
        return self._random.random() * LONGEST_AWAY_S

    def _works_since(self, instant: float) -> bool:
        """Whether web has the database again and a worker did something since then."""
        if self.house._postgres is None:  # noqa: SLF001
            return True
        try:
            answer = httpx.get(f"{self.house.address}/readyz", timeout=2)
            has_database = bool(answer.json()["parts"]["database"])
            with self.house._postgres.connect("kuitti_owner", DATABASE) as connection:  # noqa: SLF001
                row = connection.execute(WORKED_SINCE, {"instant": instant}).fetchone()
        except (httpx.HTTPError, psycopg.Error, ValueError):
            return False
        return has_database and bool(row and row[0])


WORKED_SINCE = """
    SELECT EXISTS (SELECT FROM core_jobrun WHERE finished_at > to_timestamp(%(instant)s))
        OR EXISTS (SELECT FROM payments_webhookevent
                   WHERE finished_at > to_timestamp(%(instant)s))
"""


def children_of(pid: int) -> list[int]:
    """The processes that one has started and that still live."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]
