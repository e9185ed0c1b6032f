"""One virtual clock: for Python by time_machine, for SQL by functions that stand before its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import time_machine

if TYPE_CHECKING:
    from collections.abc import Callable

STARTS_AT = datetime(2026, 6, 1, 7, 0, tzinfo=UTC).timestamp()

# A name without a schema is looked for in `sim` first, since pg_catalog is named after it.
SEARCH_PATH = "SET search_path = sim, public, pg_catalog"
SCHEMA = """
    CREATE SCHEMA IF NOT EXISTS sim;
    CREATE TABLE IF NOT EXISTS sim.clock (at timestamptz NOT NULL);
    TRUNCATE sim.clock;
    INSERT INTO sim.clock VALUES (now());
    GRANT USAGE ON SCHEMA sim TO PUBLIC;
    GRANT SELECT ON sim.clock TO PUBLIC;
"""
FUNCTIONS = ("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp")
FUNCTION = """
    CREATE OR REPLACE FUNCTION sim.{name}() RETURNS timestamptz LANGUAGE sql STABLE
    AS 'SELECT at FROM sim.clock'
"""


class Clock:
    """The instant that Python, PostgreSQL, Redis and the providers agree on."""

    def __init__(self) -> None:
        self.now = STARTS_AT
        self.tell: Callable[[float], None] = lambda _now: None
        self._travel = time_machine.travel(STARTS_AT, tick=False)
        self._traveller: Any = None

    def start(self) -> None:
        self._traveller = self._travel.start()

    def stop(self) -> None:
        if self._traveller is not None:
            self._travel.stop()
            self._traveller = None

    def move_to(self, instant: float) -> None:
        """Let it be that instant for everybody."""
        if instant == self.now:
            return
        self.now = instant
        if self._traveller is not None:
            self._traveller.move_to(instant, tick=False)
        self.tell(instant)

    def monotonic(self) -> float:
        return self.now

    @staticmethod
    def schema() -> list[str]:
        """What the owner runs once in a database."""
        return [SCHEMA, *(FUNCTION.format(name=name) for name in FUNCTIONS)]
