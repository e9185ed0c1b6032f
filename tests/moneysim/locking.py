"""Lock waits as a part of the schedule.

A statement that is not back soon is looked at: where PostgreSQL says that another of our
connections stands in its way, its actor counts as blocked and somebody else goes on. When a
transaction ends, nobody goes on before every blocked statement has come back or waits again.

PostgreSQL lets those who waited for one row run for its new version: who is fastest gets it.
So where several wait, their backends are stopped while the transaction ends, and continued
one after another in the order in which they came.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

from psycopg.errors import DeadlockDetected

from tests.moneysim.actors import Actor, Crashed, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.moneysim.database import Database
    from tests.moneysim.kernel import Kernel

LOOK_AFTER_S = 0.004
LOOK_AGAIN_S = 0.0003
GIVE_UP_AFTER_S = 20.0


class Locking:
    """Knows which actors wait for a lock of another."""

    def __init__(self, kernel: Kernel, database: Database) -> None:
        self.kernel = kernel
        self.database = database
        self.waits = 0
        self._queue: list[Actor] = []
        self._is_over = threading.Event()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look at slow statements meanwhile."""
        self._is_over.clear()
        watcher = threading.Thread(target=self._watch, daemon=True, name="watcher")
        watcher.start()
        try:
            yield
        finally:
            self._is_over.set()
            watcher.join()

    def run(self, actor: Actor, execute: Callable[[], Any]) -> Any:
        """Run one statement of an actor; it may wait for a lock while others go on."""
        actor.statement += 1
        actor.in_statement = True
        try:
            return execute()
        except Exception as error:
            if isinstance(error.__cause__, DeadlockDetected):  # PostgreSQL was first to see it.
                self.kernel.findings.append(f"deadlock: {actor.name}")
            raise
        finally:
            self._came_back(actor)

    def _came_back(self, actor: Actor) -> None:
        kernel = self.kernel
        if actor.is_dead:
            self.database.let_go(_raw(actor))
        with kernel.mutex:
            actor.in_statement = False
            if actor.state is not State.BLOCKED:
                return
            actor.state = State.READY
            if kernel.take_if_idle(actor):
                return
        actor.gate.acquire()
        if actor.is_dead:
            raise Crashed

    @contextmanager
    def giving_back(self) -> Iterator[None]:
        """Around whatever may give locks back: those who wait for them get them in their turn."""
        queue = [one for one in self._queue if one.state is State.BLOCKED]
        if not queue:
            yield
            return
        self._queue = queue
        if len(queue) > 1:
            self._signal(queue, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in queue:
                self._signal([one], signal.SIGCONT)
                self._settle(one)

    def _signal(self, actors: list[Actor], number: int) -> None:
        for one in actors:
            os.kill(self.database.pid_of(_raw(one)), number)

    def _settle(self, actor: Actor) -> None:
        """Wait until a blocked statement is back or waits for a lock again."""
        ends_at = perf_counter() + GIVE_UP_AFTER_S
        while actor.state is State.BLOCKED and not self._waits_for_a_lock(actor):
            if perf_counter() > ends_at:
                raise TimeoutError("a statement neither came back nor waits for a lock")
            time.sleep(LOOK_AGAIN_S)

    def is_stuck(self) -> bool:
        """Whether somebody's statement waits, so that it is too early to let time pass.

        Those who wait in a circle are a finding: the last of them is refused, as PostgreSQL
        would refuse one of them after a second.
        """
        blocked = [one for one in self._queue if one.state is State.BLOCKED]
        if not blocked:
            return False
        pids = {self.database.pid_of(_raw(one)) for one in blocked}
        found = self.database.blockers([_raw(one) for one in blocked])
        if any(set(others) - pids for others in found.values()):
            return False
        if all(found.values()):
            names = ", ".join(sorted(one.name for one in blocked))
            self.kernel.findings.append(f"deadlock: {names}")
            _raw(blocked[-1]).cancel()
        return True

    def cut_off(self, actor: Actor) -> None:
        """Give back what an actor holds in the database, as a dying process does."""
        raw = _raw(actor)
        if raw is None:
            return
        if actor.in_statement:
            raw.cancel()
        else:
            self.database.let_go(raw)

    def _watch(self) -> None:
        seen: tuple[Actor | None, int] = (None, 0)
        while not self._is_over.wait(LOOK_AFTER_S):
            actor = self.kernel.running
            if actor is None or not actor.in_statement:
                seen = (None, 0)
                continue
            now = (actor, actor.statement)
            if now == seen and self._waits_for_a_lock(actor):
                self._step_past(*now)
            seen = now

    def _waits_for_a_lock(self, actor: Actor) -> bool:
        return any(self.database.blockers([_raw(actor)]).values())

    def _step_past(self, actor: Actor, statement: int) -> None:
        kernel = self.kernel
        with kernel.mutex:
            is_same = (kernel.running, actor.statement) == (actor, statement)
            if is_same and actor.in_statement:
                self.waits += 1
                if actor not in self._queue:
                    self._queue.append(actor)
                kernel.step_past(actor)


def _raw(actor: Actor) -> Any:
    return actor.thread.raw if actor.thread is not None else None
