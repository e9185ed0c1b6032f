"""The scheduler: one baton, and who gets it next is drawn from the seed.

Every actor runs until its next yield point. There it may be crashed, and somebody else may
go on. Time passes only where nobody can go on, or where the schedule rushes.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from tests.moneysim.actors import Actor, ActorThread, Crashed, State, closed_gate
from tests.moneysim.locking import Locking

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.moneysim.clock import Clock
    from tests.moneysim.database import Database

MOST_STEPS = 60_000
_here = threading.local()


@dataclass
class Habits:
    """How the baton goes round. Shares of one."""

    stay: float = 0.5
    rush: float = 0.0


def current() -> Actor | None:
    """The actor whose thread this is, or None in every other thread."""
    return getattr(_here, "actor", None)


class Kernel:
    """One schedule after another: `begin`, `spawn`, `run`. Threads are kept, actors are not."""

    def __init__(self, clock: Clock, database: Database) -> None:
        self.clock = clock
        self.database = database
        self.mutex = threading.Lock()
        self.locking = Locking(self, database)
        self._free: list[ActorThread] = []
        self._over = closed_gate()
        self.begin(0)

    def begin(self, seed: object, habits: Habits | None = None) -> None:
        """Forget the schedule before and begin another."""
        self.random = Random(f"schedule:{seed}")
        self.ids = Random(f"ids:{seed}")
        self.habits = habits or Habits()
        self.actors: list[Actor] = []
        self.running: Actor | None = None
        self.digest = hashlib.sha256()
        self.steps = 0
        self.version = 0
        self.told: list[str] = []
        self.labels: set[str] = set()
        self.crash_at: Callable[[Actor, str], bool] = lambda _actor, _label: False
        self.is_cut: Callable[[Actor, str], bool] = lambda _actor, _label: False
        self.cuts: list[str] = []
        self.findings: list[str] = []
        self.crashes: list[str] = []
        self._counts: dict[str, int] = {}

    @property
    def trace(self) -> str:
        """What happened in which order, without ids: the same seed gives the same digest."""
        return self.digest.hexdigest()

    def spawn(
        self,
        name: str,
        act: Callable[[], Any],
        *,
        after: float = 0,
        can_crash: bool = True,
        on_crash: Callable[[], None] | None = None,
    ) -> Actor:
        """Let a new process begin, at once or after some seconds."""
        actor = Actor(self._numbered(name), act, can_crash=can_crash, on_crash=on_crash)
        self._add(actor, after)
        return actor

    def spawn_child(self, name: str, act: Callable[[], Any]) -> Actor:
        """Let a thread of the present process begin."""
        parent = current()
        if parent is None:
            raise RuntimeError("only an actor has children")
        root = parent.root or parent
        actor = Actor(self._numbered(name), act, root=root, can_crash=root.can_crash)
        root.family.append(actor)
        self._add(actor, 0)
        return actor

    def _numbered(self, name: str) -> str:
        self._counts[name] = self._counts.get(name, 0) + 1
        return f"{name}-{self._counts[name]}"

    def _add(self, actor: Actor, after: float) -> None:
        if after > 0:
            actor.state, actor.wakes_at = State.WAITING, self.clock.now + after
        self.actors.append(actor)
        self.changed()

    def run(self) -> None:
        """Run until every actor is done."""
        with self.mutex:
            first = self._choose(None)
            if first is None:
                return
            self._hand_to(first)
        with self.locking.watching():
            self._over.acquire()

    def point(self, label: str) -> None:
        """A yield point: the present actor may crash here, and another may go on."""
        actor = current()
        if actor is None:
            return
        if actor.is_dead:
            raise Crashed
        self.note(actor, label)
        self.labels.add(label)
        if actor.can_crash and self.crash_at(actor, label):
            self.crash(actor, label)
        self._pass_on(actor, State.READY)

    def changed(self) -> None:
        """Something outside of the present process is no longer as it was, the time included."""
        self.version += 1

    def note(self, actor: Actor | None, label: str) -> None:
        """Put a step into the trace."""
        self.steps += 1
        line = f"{actor.name if actor else '-'} {label}"
        self.told.append(f"{self.clock.now:10.1f} {line}")
        self.digest.update(line.encode())
        if self.steps == MOST_STEPS:
            self.findings.append(f"endless: more than {MOST_STEPS} steps")
            self._end_all(self.actors)
            raise Crashed

    def sleep(self, seconds: float) -> None:
        """Let virtual seconds pass for the present actor."""
        self.wait(lambda: False, seconds)

    def wait(self, until: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until something holds, at most some virtual seconds. Says whether it holds."""
        actor = current()
        if actor is None:
            raise RuntimeError("only an actor waits")
        actor.awaits = until
        actor.wakes_at = None if seconds is None else self.clock.now + seconds
        self._pass_on(actor, State.WAITING)
        return until()

    def crash(self, actor: Actor, label: str) -> None:
        """End the process of an actor: first its connections, then its threads."""
        self.crashes.append(f"{actor.name} {label}")
        self.note(actor, "CRASH")
        self._end_all(actor.process())
        root = actor.root or actor
        if root.on_crash is not None:
            root.on_crash()
        raise Crashed

    def _end_all(self, actors: list[Actor]) -> None:
        """Cut actors off from the database, and let those who wait find that they are dead."""
        for one in actors:
            if one.is_done or one.is_dead:
                continue
            one.is_dead = True
            with self.locking.giving_back():
                self.locking.cut_off(one)
            if one.state is State.WAITING:
                one.state = State.READY

    def _pass_on(self, actor: Actor, state: State) -> None:
        """Give the baton back, and go on when it comes again."""
        with self.mutex:
            actor.state = state
            following = self._choose(actor)
            if following is actor:
                self._begin_turn(actor)
                return
            self.running = None
            if following is not None:
                self._hand_to(following)
        actor.gate.acquire()
        if actor.is_dead:
            raise Crashed

    def _begin_turn(self, actor: Actor) -> None:
        actor.state = State.RUNNING
        actor.awaits = actor.wakes_at = None
        self.running = actor

    def _hand_to(self, actor: Actor) -> None:
        self._begin_turn(actor)
        if actor.thread is not None:
            actor.gate.release()
            return
        thread = self._free.pop() if self._free else self._new_thread()
        actor.thread, thread.actor = thread, actor
        thread.go.release()

    def _new_thread(self) -> ActorThread:
        thread = ActorThread(self._run_actor, self.database.end_thread)
        thread.start()
        return thread

    def _run_actor(self, actor: Actor) -> None:
        _here.actor = actor
        thread = actor.thread
        try:
            if actor.is_dead:
                raise Crashed  # noqa: TRY301 - dead before its first step
            thread.raw = self.database.begin_thread()  # type: ignore[union-attr]
            actor.result = actor.act()
        except Crashed as crash:
            actor.error = crash
        except BaseException as error:  # noqa: BLE001 - told by whoever waits for the actor
            actor.error = error
            if actor.root is None:
                self.findings.append(f"{actor.name} raised {error!r}"[:400])
        finally:
            if not self.database.leave_thread():
                self.findings.append(f"{actor.name} left a transaction open")
            _here.actor = None
            self._finish(actor)

    def _finish(self, actor: Actor) -> None:
        with self.mutex:
            actor.state = State.DONE
            self.actors.remove(actor)
            self._free.append(actor.thread)  # type: ignore[arg-type]
            self.running = None
            following = self._choose(None)
            if following is not None:
                self._hand_to(following)
            elif not self.actors:
                self._over.release()

    def take_if_idle(self, actor: Actor) -> bool:
        """Give the baton to an actor whose statement came back while nobody had it."""
        if self.running is None:
            self._begin_turn(actor)
            return True
        return False

    def step_past(self, actor: Actor) -> None:
        """An actor's statement waits for a lock: somebody else goes on. The mutex is held."""
        actor.state = State.BLOCKED
        self.running = None
        following = self._choose(None)
        if following is not None:
            self._hand_to(following)

    def _choose(self, present: Actor | None) -> Actor | None:
        """Draw who goes on. None where all are done, or wait for locks that nobody can end."""
        if self.habits.rush and self.random.random() < self.habits.rush:
            self._pass_time()
        while True:
            ready = [one for one in self.actors if self._can_go_on(one)]
            if present in ready and self.random.random() < self.habits.stay:
                return present
            if ready:
                return ready[self.random.randrange(len(ready))]
            if self.locking.is_stuck() or not self._pass_time():
                return None

    def _can_go_on(self, actor: Actor) -> bool:
        if actor.state is State.READY:
            return True
        if actor.state is not State.WAITING:
            return False
        if actor.is_dead or (actor.wakes_at is not None and actor.wakes_at <= self.clock.now):
            return True
        return actor.awaits is not None and actor.awaits()

    def _pass_time(self) -> bool:
        """Move the clock to when somebody next wakes. False where nobody does."""
        instants = [
            one.wakes_at
            for one in self.actors
            if one.state is State.WAITING and one.wakes_at is not None
        ]
        if not instants:
            return False
        self.clock.move_to(max(self.clock.now, min(instants)))
        self.changed()
        return True

    def close(self) -> None:
        """End the threads and their connections."""
        for thread in self._free:
            thread.stop()
        self._free.clear()
