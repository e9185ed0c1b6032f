"""Yield points: before each statement, around each commit, and at the doors to the world."""

from __future__ import annotations

import re
from functools import cache, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, connections

from core import bell, ids, quickredis, remembered
from core.postgresql.base import DatabaseWrapper
from tests.moneysim import cuts
from tests.moneysim.actors import Crashed
from tests.moneysim.clock import SEARCH_PATH
from tests.moneysim.kernel import current

if TYPE_CHECKING:
    from tests.moneysim.kernel import Kernel
    from tests.moneysim.patches import Patches

SILENT = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")
WRITES = re.compile(r"\b(INSERT|(?<!FOR )(?<!KEY )UPDATE|DELETE|ledger_settle)\b", re.IGNORECASE)
TARGET = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|FROM)\s+\"?([a-z_]+)\"?", re.IGNORECASE
)


@cache
def label_of(sql: str) -> str:
    """Say what a statement does to which table, and whether it locks."""
    text = " ".join(sql.split())
    verb = text.partition(" ")[0].upper()
    if verb == "WITH" and (found := WRITES.search(text)):
        verb = f"WITH {found[1].upper()}"
    target = TARGET.search(text)
    locks = " for update" if "FOR NO KEY UPDATE" in text.upper() else ""
    return f"sql {verb} {target[1] if target else text[:40]}{locks}"


@cache
def writes(sql: str) -> bool:
    return WRITES.search(sql) is not None


class Hooks:
    """Puts yield points into the product's doors, for actors alone."""

    def __init__(self, kernel: Kernel, patches: Patches) -> None:
        self.kernel = kernel
        kernel.database.on_thread = self._on_thread
        self._of_database(patches)
        clock = SimpleNamespace(monotonic=kernel.clock.monotonic)
        patches.set(quickredis, "time", clock)
        patches.set(bell, "time", clock)
        patches.set(remembered, "monotonic", kernel.clock.monotonic)
        bits = SimpleNamespace(randbits=self._randbits)
        patches.set(ids, "secrets", bits)

    def _randbits(self, count: int) -> int:
        return self.kernel.ids.getrandbits(count)

    def _on_thread(self, wrapper: Any) -> None:
        if not any(isinstance(one, Statements) for one in wrapper.execute_wrappers):
            wrapper.execute_wrappers.append(Statements(self.kernel))

    def _of_database(self, patches: Patches) -> None:
        door: Any = DatabaseWrapper
        patches.set(door, "_commit", _ending(self.kernel, door._commit, "commit"))
        patches.set(door, "_rollback", _ending(self.kernel, door._rollback))
        configured = _on_virtual_time(door._configure_connection)
        patches.set(door, "_configure_connection", configured)
        patches.set(door, "ensure_connection", _while_alive(door.ensure_connection))
        for name in ("close", "close_if_unusable_or_obsolete", "close_if_health_check_failed"):
            patches.set(door, name, _unless_actor(getattr(door, name)))


class Statements:
    """Stands around every statement of an actor."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        actor = current()
        run = partial(execute, sql, params, many, context)
        if actor is None:
            return run()
        kernel, text = self.kernel, str(sql)
        if text.startswith(SILENT):
            if actor.is_dead:
                raise Crashed
            return kernel.locking.run(actor, run)
        kernel.point(label_of(text))
        cuts.perhaps(kernel, actor, label_of(text))
        if not writes(text):
            return kernel.locking.run(actor, run)
        if connections["default"].in_atomic_block:
            result = kernel.locking.run(actor, run)
            actor.has_written |= bool(context["cursor"].rowcount)
            return result
        with kernel.locking.giving_back():
            result = kernel.locking.run(actor, run)
        if context["cursor"].rowcount:
            kernel.changed()
            kernel.point("written")
        return result


def _unless_actor(method: Any) -> Any:
    """Actors keep their connections: opening one takes longer than what is done with it."""

    def kept(wrapper: Any, *arguments: Any) -> Any:
        raw = wrapper.connection
        is_kept = current() is not None and raw is not None and not raw.closed
        return None if is_kept else method(wrapper, *arguments)

    return kept


def _ending(kernel: Kernel, method: Any, told: str = "") -> Any:
    """The end of a transaction: a dead process ends none, and locks are given back."""

    def ended(wrapper: Any) -> None:
        actor = current()
        if actor is None:
            method(wrapper)
            return
        if told:
            kernel.point(told)
            cuts.perhaps(kernel, actor, told)
        if actor.is_dead:
            raise Crashed
        has_written, actor.has_written = actor.has_written, False
        with kernel.locking.giving_back():
            method(wrapper)
        if told:
            if has_written:
                kernel.changed()
            if cuts.perhaps(kernel, actor, f"{told} done"):
                raise OperationalError("the answer to the commit is lost")
            kernel.point(f"{told} done")

    return ended


def _while_alive(method: Any) -> Any:
    """No new connection for a process that is dead."""

    def connected(wrapper: Any) -> None:
        actor = current()
        if actor is None or actor.thread is None:
            method(wrapper)
            return
        if actor.is_dead:
            raise Crashed
        method(wrapper)
        actor.thread.raw = wrapper.connection

    return connected


def _on_virtual_time(method: Any) -> Any:
    """Every new connection finds the functions of virtual time before PostgreSQL's own."""

    def configured(wrapper: Any, raw: Any) -> Any:
        raw.execute(SEARCH_PATH)
        return method(wrapper, raw)

    return configured
