"""Celery and Redis as the product meets them: a doorbell that may be late, double or silent."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from redis.exceptions import ConnectionError as RedisGone

import core.tasks
import crm.tasks
import payments.tasks
from config.celery import app
from core import bell, quickredis
from tests.moneysim.cuts import GONE

if TYPE_CHECKING:
    from tests.moneysim.faults import Faults
    from tests.moneysim.kernel import Kernel
    from tests.moneysim.patches import Patches

WITH_TASKS = (core.tasks, crm.tasks, payments.tasks)
VISIBLE_AGAIN_AFTER_S = 300.0


class Broker:
    """Delivers each task at least once, unless it is lost; what crashes comes again."""

    def __init__(self, kernel: Kernel, faults: Faults) -> None:
        self.kernel = kernel
        self.faults = faults

    def send_task(self, name: str, **_options: Any) -> None:
        """Take a task as `celery.send_task` does."""
        self.kernel.point(f"publish {name}")
        if self.faults.hit("redis_gone"):
            raise RedisGone("the broker is gone")
        self.kernel.changed()
        if self.faults.hit("task_lost"):
            return
        for _ in range(2 if self.faults.hit("task_twice") else 1):
            late = self.faults.delay() if self.faults.hit("task_late") else 0.0
            self.deliver(name, after=late)

    def deliver(self, name: str, *, after: float = 0) -> None:
        """Give a task to a worker; a worker that dies has not acknowledged it."""
        again = partial(self.deliver, name, after=VISIBLE_AGAIN_AFTER_S)
        short = name.rpartition(".")[2]
        self.kernel.spawn(short, partial(self._work, name), after=after, on_crash=again)

    def _work(self, name: str) -> None:
        try:
            app.tasks[name]()
        except GONE:  # The worker says that the task failed, and takes the next one.
            if not self.kernel.cuts:
                raise
        self.kernel.point("ack")


class Memory:
    """The few commands of Redis that the product uses, on virtual time."""

    def __init__(self, kernel: Kernel, faults: Faults) -> None:
        self.kernel = kernel
        self.faults = faults
        self._kept: dict[str, tuple[int, float | None]] = {}

    def set(self, name: str, value: int, *, nx: bool = False, px: int | None = None) -> bool | None:
        self._reach("set")
        if nx and self._value(name) is not None:
            return None
        self._kept[name] = (value, None if px is None else self.kernel.clock.now + px / 1_000)
        self.kernel.changed()
        return True

    def delete(self, name: str) -> int:
        self._reach("delete")
        was_there = self._kept.pop(name, None) is not None
        if was_there:
            self.kernel.changed()
        return int(was_there)

    def incr(self, name: str) -> int:
        value = (self._value(name) or 0) + 1
        self._kept[name] = (value, None)
        return value

    def expire(self, name: str, seconds: int) -> bool:
        value = self._value(name)
        if value is not None:
            self._kept[name] = (value, self.kernel.clock.now + seconds)
        return value is not None

    def publish(self, _channel: str, _message: str) -> int:
        return 0

    def _reach(self, command: str) -> None:
        self.kernel.point(f"redis {command}")
        if self.faults.hit("redis_gone"):
            raise RedisGone("Redis is gone")
        if self.faults.hit("redis_emptied"):
            self._kept.clear()

    def _value(self, name: str) -> int | None:
        value, until = self._kept.get(name, (None, None))
        return None if until is not None and until <= self.kernel.clock.now else value


def connect(broker: Broker, memory: Memory, patches: Patches) -> None:
    """Put broker and Redis behind the product's doors."""
    patches.set(bell, "current_app", broker)
    patches.set(quickredis, "_client", lambda _url: memory)
    quickredis.breaker.reset()
    bell.broker_breaker.reset()
