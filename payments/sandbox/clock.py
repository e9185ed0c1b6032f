"""Carries out what was put off: expiry, late refunds, disputes."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from payments.sandbox.ledger import Refused

if TYPE_CHECKING:
    from sqlite3 import Row

    from payments.sandbox.book import Book

TICK_S = 0.1


async def run(book: Book) -> None:
    """Tick until cancelled."""
    while True:
        tick(book)
        await asyncio.sleep(TICK_S)


def tick(book: Book) -> None:
    """Carry out every timer that is due, each in a transaction of its own."""
    due = book.store.rows("SELECT * FROM timer WHERE due_at <= ? ORDER BY due_at", time.time())
    for row in due:
        with book.store.transaction():
            book.store.run("DELETE FROM timer WHERE seq = ?", row["seq"])
            _carry_out(book, row)


def _carry_out(book: Book, row: Row) -> None:
    payment = book.store.payment(row["payment"])
    match row["action"]:
        case "expire":
            book.expire(payment)
        case "slow_refund":
            book.settle_refund(payment, row["movement"], "succeeded")
        case "failing_refund":
            book.settle_refund(payment, row["movement"], "failed")
        case "dispute":
            try:
                book.open_dispute(payment)
            except Refused:  # refunded whole in the meantime: nothing is left to dispute
                return
