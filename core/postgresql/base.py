"""The database engine that `DATABASES` names."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.types.numeric import Int8Dumper

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

PREPARE_AFTER = 2
"""A connection plans a statement for good when it comes for the third time."""


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection, as Django's own but for the price of small statements."""

    _prepared: psycopg.Cursor[Any] | None = None

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "prepare_threshold": PREPARE_AFTER}

    def _configure_connection(self, connection: psycopg.Connection[Any]) -> bool:
        # Numbers travel as one type: else 5 and 50 000 would make two statements of one.
        connection.adapters.register_dumper(int, Int8Dumper)
        # Prepared statements find rows by keys: no value of theirs is worth a plan of its own.
        connection.execute("SET plan_cache_mode = force_generic_plan")
        super()._configure_connection(connection)  # type: ignore[misc] # its types lack it
        return True

    def prepared_cursor(self) -> CursorWrapper:
        """Give the cursor whose statements PostgreSQL plans once, not each time.

        For statements that are spelt out and repeated; values travel apart from them. There is
        one for each connection: what a statement found is read before the next one.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        if self._prepared is None or self._prepared.connection is not self.connection:
            self._prepared = psycopg.Cursor(self.connection)
        cursor: Any = self._prepared
        return self.make_debug_cursor(cursor) if self.queries_logged else self.make_cursor(cursor)

    def is_usable(self) -> bool:
        """Ask the server only where something lies in the socket: a goodbye, most likely."""
        if self.connection is None or self.connection.closed:
            return False
        socket = select.poll()
        socket.register(self.connection.fileno(), select.POLLIN | select.POLLHUP)
        return super().is_usable() if socket.poll(0) else True
