"""The real PostgreSQL under the schedules: actors' connections, the monitor's, and the reset."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import connections
from psycopg.pq import TransactionStatus

from core import reference
from orders import numbering
from tests.moneysim.clock import Clock
from tests.servers import SERVERS, TEST_DATABASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

IDLE = TransactionStatus.IDLE
# What no schedule changes stays; the rest is emptied.
KEPT = (
    "django_migrations",
    "django_content_type",
    "auth_permission",
    "core_rolelimit",
    "payments_unifiederror",
    "payments_errormapping",
)
BLOCKERS = "SELECT pid, pg_blocking_pids(pid) FROM unnest(%s::int[]) AS pid"
TABLES = """
    SELECT quote_ident(tablename) FROM pg_tables
     WHERE schemaname = 'public' AND tablename <> ALL(%s)
"""

SEQUENCES = """
    SELECT pg_get_serial_sequence(table_name, column_name)
      FROM unnest(%s::text[]) AS table_name
      JOIN information_schema.columns USING (table_name)
     WHERE table_schema = 'public' AND is_identity = 'YES'
"""
EMPTY = """
    CREATE OR REPLACE FUNCTION sim.empty() RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET session_replication_role = replica
    AS $$ BEGIN {statements} END $$
"""
TRUNCATES_EVERY = 25
"""Rows that were deleted stay in the files until then."""


class Database:
    """One database, that of `connections["default"]`, with the owner's door beside it."""

    def __init__(self) -> None:
        self.owner = _as_owner()
        for statement in Clock.schema():
            self.owner.execute(statement.encode())
        reference.ensure_reference_data()
        tables = [name for (name,) in self.owner.execute(TABLES, [list(KEPT)])]
        self._has_rows = " UNION ALL ".join(
            f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in tables
        ).encode()
        self._can_delete = self._learn_to_delete(tables)
        self._resets = 0
        self.on_thread: Callable[[Any], None] = lambda _wrapper: None

    def tell(self, instant: float) -> None:
        """Set the clock of SQL."""
        self.owner.execute("UPDATE sim.clock SET at = to_timestamp(%s)", [instant])

    def blockers(self, raws: Iterable[Any]) -> dict[int, list[int]]:
        """Per backend the backends that stand in its way."""
        pids = [self.pid_of(raw) for raw in raws]
        return dict(self.owner.execute(BLOCKERS, [pids]).fetchall())

    @staticmethod
    def pid_of(raw: Any) -> int:
        return int(raw.info.backend_pid)

    @staticmethod
    def drop(raw: Any) -> None:
        """Close a connection that broke; what was not committed is gone at once."""
        if raw is not None and not raw.closed:
            with suppress(psycopg.Error):
                raw.rollback()
            raw.close()

    @staticmethod
    def let_go(raw: Any) -> None:
        """Take back at once what a process that died had not committed.

        PostgreSQL does the same when it sees that a connection has ended. This one is kept for
        the thread's next actor: to open another takes longer than most of what is done with it.
        """
        if raw is not None and not raw.closed:
            with suppress(psycopg.Error):
                raw.rollback()

    def begin_thread(self) -> Any:
        """Give this thread a usable connection on virtual time; return the raw one."""
        wrapper: Any = connections["default"]
        raw = wrapper.connection
        if raw is None or raw.closed:
            wrapper.connect()
        elif wrapper.in_atomic_block or not wrapper.autocommit:
            _forget_transaction(wrapper)
        self.on_thread(wrapper)
        return wrapper.connection

    @staticmethod
    def leave_thread() -> bool:
        """Let go of this thread's connection. False where a transaction was left open on it."""
        wrapper: Any = connections["default"]
        raw = wrapper.connection
        if raw is None or raw.closed:
            wrapper.connection = None
            return True
        if raw.info.transaction_status == IDLE:
            return True
        raw.close()
        wrapper.connection = None
        return False

    @staticmethod
    def end_thread() -> None:
        """Close this thread's connection for good."""
        raw: Any = connections["default"].connection
        if raw is not None and not raw.closed:
            raw.close()

    def reset(self) -> None:
        """Empty every table, and make the reference rows anew."""
        if self._can_delete and self._resets % TRUNCATES_EVERY:
            self.owner.execute("SELECT sim.empty()")
        else:
            self._truncate()
        self._resets += 1
        numbering.ensure_series()

    def _truncate(self) -> None:
        filled = ", ".join(name for (name,) in self.owner.execute(self._has_rows))
        if filled:
            self.owner.execute(f"TRUNCATE {filled} RESTART IDENTITY CASCADE".encode())

    def _learn_to_delete(self, tables: list[str]) -> bool:
        """Let the owner empty the tables without new files for them, which outdate all plans.

        Only a superuser may switch off the triggers that refuse it, so only on our own server.
        """
        if SERVERS.postgres is None:
            return False
        sequences = self.owner.execute(SEQUENCES, [tables]).fetchall()
        statements = [
            *(f"DELETE FROM public.{name};" for name in tables),
            *(f"PERFORM setval('{name}', 1, false);" for (name,) in sequences),
        ]
        with SERVERS.postgres.connect(database=TEST_DATABASE) as superuser:
            superuser.execute(EMPTY.format(statements="\n".join(statements)).encode())
        return True

    def close(self) -> None:
        self.owner.close()


def _forget_transaction(wrapper: Any) -> None:
    """Make a wrapper new whose process died within a transaction, around the same connection."""
    raw = wrapper.connection
    wrapper.get_new_connection = lambda _parameters: raw
    try:
        wrapper.connect()
    finally:
        del wrapper.get_new_connection


def _as_owner() -> psycopg.Connection[Any]:
    """A connection as the owner, outside of Django's care."""
    parameters = connections["owner"].get_connection_params()
    names = ("host", "port", "user", "password")
    keep = {name: parameters[name] for name in names if parameters.get(name)}
    name = connections["owner"].settings_dict["NAME"]
    return psycopg.connect(**keep, dbname=name, autocommit=True)
