"""The merchant's account at the sandbox: its lines, its payouts and the settlement file."""

from __future__ import annotations

import csv
import io
import time
from typing import TYPE_CHECKING

from payments.sandbox.ledger import Movement, Payment, Refused, make_id

if TYPE_CHECKING:
    from sqlite3 import Row

    from payments.sandbox.store import Store

FEE_BP = 140
DISPUTE_FEE = 1_500
COLUMNS = (
    "id", "kind", "source", "our_id", "currency", "amount", "fee", "net", "created_at", "payout",
)  # fmt: skip


def add_line(store: Store, payment: Payment, kind: str, movement: Movement, *, sign: int) -> None:
    """Book a movement on the account: what came in or went out, and what it cost."""
    store.run(
        "INSERT INTO line"
        " (id, kind, amount, fee, currency, source_kind, source, our_id, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        make_id("line"),
        kind,
        sign * movement.amount,
        _fee(kind, movement.amount),
        payment.currency,
        kind.split("_", maxsplit=1)[0],
        movement.id,
        movement.our_id or payment.our_id,
        time.time(),
    )


def lines_since(store: Store, since: float, after: int, limit: int) -> list[Row]:
    return store.rows(
        "SELECT * FROM line WHERE created_at >= ? AND seq > ? ORDER BY seq LIMIT ?",
        since,
        after,
        limit,
    )


def pay_out(store: Store, currency: str) -> str:
    """Gather every line not yet paid out into one payout and return its id."""
    total = store.row(
        "SELECT COALESCE(SUM(amount - fee), 0) AS net FROM line WHERE payout = '' AND currency = ?",
        currency,
    )
    if total is None or total["net"] <= 0:
        raise Refused("nothing_to_pay_out", f"There is no {currency} balance to pay out.")
    payout = make_id("pay_out")
    store.run("INSERT INTO payout VALUES (?, ?, ?, ?)", payout, total["net"], currency, time.time())
    store.run("UPDATE line SET payout = ? WHERE payout = '' AND currency = ?", payout, currency)
    return payout


def settlement_file(store: Store, payout: str) -> str:
    """Write the lines of one payout as CSV; amounts are minor units."""
    rows = store.rows("SELECT * FROM line WHERE payout = ? ORDER BY seq", payout)
    if not rows:
        raise Refused("not_found", "There is no such payout.", 404)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        line = {**row, "net": row["amount"] - row["fee"]}
        writer.writerow([line[column] for column in COLUMNS])
    return text.getvalue()


def _fee(kind: str, amount: int) -> int:
    """Price a line: 1.40 % of a capture, a flat sum for a dispute, nothing else."""
    if kind == "capture":
        return amount * FEE_BP // 10_000
    return DISPUTE_FEE if kind == "dispute" else 0
