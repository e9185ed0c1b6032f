"""Actors: what runs in a schedule, one at a time, each in a thread that is kept for the next."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Crashed(BaseException):
    """The process ends here. Nothing of the product catches it, and nothing is written after."""


def closed_gate() -> threading.Lock:
    """A lock that one thread waits for and another opens: the quickest way to wake a thread."""
    gate = threading.Lock()
    gate.acquire()
    return gate


class State(Enum):
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    BLOCKED = "blocked"
    DONE = "done"


@dataclass(eq=False)
class Actor:
    """One thread of one process. Children die with their root, as threads do."""

    name: str
    act: Callable[[], Any]
    root: Actor | None = None
    can_crash: bool = True
    on_crash: Callable[[], None] | None = None
    state: State = State.READY
    wakes_at: float | None = None
    awaits: Callable[[], bool] | None = None
    family: list[Actor] = field(default_factory=list)
    thread: ActorThread | None = None
    is_dead: bool = False
    result: Any = None
    error: BaseException | None = None
    statement: int = 0
    in_statement: bool = False
    has_written: bool = False

    def __post_init__(self) -> None:
        self.gate = closed_gate()

    @property
    def is_done(self) -> bool:
        return self.state is State.DONE

    def process(self) -> list[Actor]:
        """The root and all its children."""
        root = self.root or self
        return [root, *root.family]


class ActorThread(threading.Thread):
    """A thread that runs one actor after another, and keeps its database connection."""

    def __init__(self, run_actor: Callable[[Actor], None], end: Callable[[], None]) -> None:
        super().__init__(daemon=True, name="actor")
        self.go = closed_gate()
        self.actor: Actor | None = None
        self.raw: Any = None
        self._run_actor = run_actor
        self._end = end

    def run(self) -> None:
        while True:
            self.go.acquire()
            if self.actor is None:
                self._end()
                return
            self._run_actor(self.actor)

    def stop(self) -> None:
        self.actor = None
        self.go.release()
        self.join(timeout=10)
