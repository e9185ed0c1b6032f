"""The sandbox's memory: one SQLite database, in a file that survives a restart or in memory."""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from payments.sandbox.ledger import MOVEMENTS, Payment, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = """
CREATE TABLE IF NOT EXISTS payment (id TEXT PRIMARY KEY, page TEXT, body TEXT);
CREATE UNIQUE INDEX IF NOT EXISTS payment_page ON payment (page) WHERE page <> '';
CREATE TABLE IF NOT EXISTS name (name TEXT, payment TEXT, PRIMARY KEY (name, payment));
CREATE TABLE IF NOT EXISTS answer (key TEXT PRIMARY KEY, digest TEXT, status INTEGER, body TEXT);
CREATE TABLE IF NOT EXISTS effect (seq INTEGER PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS event (
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, payment TEXT, body TEXT, state TEXT,
    tries INTEGER DEFAULT 0, due_at REAL
);
CREATE INDEX IF NOT EXISTS event_due ON event (due_at) WHERE state = 'pending';
CREATE TABLE IF NOT EXISTS timer (
    seq INTEGER PRIMARY KEY, due_at REAL, action TEXT, payment TEXT, movement TEXT
);
CREATE INDEX IF NOT EXISTS timer_due ON timer (due_at);
CREATE TABLE IF NOT EXISTS method (token TEXT PRIMARY KEY, customer TEXT, last4 TEXT);
CREATE TABLE IF NOT EXISTS line (
    seq INTEGER PRIMARY KEY, id TEXT UNIQUE, kind TEXT, amount INTEGER, fee INTEGER, currency TEXT,
    source_kind TEXT, source TEXT, our_id TEXT, created_at REAL, payout TEXT DEFAULT ''
);
CREATE INDEX IF NOT EXISTS line_payout ON line (payout);
CREATE TABLE IF NOT EXISTS payout (
    id TEXT PRIMARY KEY, amount INTEGER, currency TEXT, created_at REAL
);
CREATE TABLE IF NOT EXISTS message (seq INTEGER PRIMARY KEY, id TEXT, body TEXT, created_at REAL);
CREATE TABLE IF NOT EXISTS option (name TEXT PRIMARY KEY, value TEXT);
"""


class Store:
    """Reads and writes the tables above. Used from one thread; decides nothing."""

    def __init__(self, path: str = ":memory:") -> None:
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.row_factory = sqlite3.Row
        self.database.execute("PRAGMA journal_mode = WAL")
        self.database.execute("PRAGMA synchronous = NORMAL")
        self.database.executescript(SCHEMA)
        if not self.rows("SELECT name FROM pragma_table_info('event') WHERE name = 'url'"):
            self.run("ALTER TABLE event ADD COLUMN url TEXT DEFAULT ''")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep everything written inside, or none of it."""
        self.database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        return self.database.execute(query, values).fetchall()

    def row(self, query: str, *values: object) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self.database.execute(query, values).fetchone()
        return found

    def run(self, query: str, *values: object) -> None:
        self.database.execute(query, values)

    def payment(self, payment_id: str) -> Payment:
        """Return one payment by its id. Raises Refused where there is none."""
        return self._one("SELECT body FROM payment WHERE id = ?", payment_id)

    def payment_of_page(self, page: str) -> Payment:
        return self._one("SELECT body FROM payment WHERE page = ?", page)

    def payment_of_keypad(self, keypad: str) -> Payment:
        return self._one(
            "SELECT body FROM payment WHERE json_extract(body, '$.keypad') = ?",
            keypad,
        )

    def payments_named(self, name: str) -> list[Payment]:
        """Return every payment that has this id or merchant's id, or a movement that has it."""
        return self._many(
            "SELECT body FROM payment JOIN name ON payment.id = name.payment WHERE name.name = ?"
            " ORDER BY payment.rowid",
            name,
        )

    def latest_payments(self, limit: int) -> list[Payment]:
        return self._many("SELECT body FROM payment ORDER BY rowid DESC LIMIT ?", limit)

    def save(self, payment: Payment) -> None:
        self.run(
            "INSERT INTO payment (id, page, body) VALUES (?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            payment.id,
            payment.page,
            json.dumps(payment.to_dict()),
        )
        for name in self._names(payment):
            self.run("INSERT OR IGNORE INTO name VALUES (?, ?)", name, payment.id)

    def add_effect(self, effect: dict[str, Any]) -> None:
        self.run("INSERT INTO effect (body) VALUES (?)", json.dumps(effect))

    def effects(self) -> list[dict[str, Any]]:
        return [json.loads(row["body"]) for row in self.rows("SELECT body FROM effect")]

    def add_timer(self, due_at: float, action: str, payment: str, movement: str = "") -> None:
        self.run(
            "INSERT INTO timer (due_at, action, payment, movement) VALUES (?, ?, ?, ?)",
            due_at,
            action,
            payment,
            movement,
        )

    def option(self, name: str, default: str = "") -> str:
        row = self.row("SELECT value FROM option WHERE name = ?", name)
        return row["value"] if row else default

    def set_option(self, name: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO option VALUES (?, ?)", name, value)

    def _one(self, query: str, value: str) -> Payment:
        found = self._many(query, value)
        if not found:
            raise Refused("not_found", "There is no such payment.", 404)
        return found[0]

    def _many(self, query: str, value: object) -> list[Payment]:
        return [Payment.from_dict(json.loads(row["body"])) for row in self.rows(query, value)]

    @staticmethod
    def _names(payment: Payment) -> set[str]:
        names = {payment.id, payment.our_id}
        for kind in MOVEMENTS:
            for movement in payment.movements(kind):
                names |= {movement.id, movement.our_id}
        return names - {""}
