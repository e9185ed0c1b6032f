"""Reads Stripe's balance transactions as lines of our account there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payments.providers.base import BalanceTransaction, Reference
from payments.providers.stripe.currencies import money_of
from payments.providers.stripe.snapshots import id_of, instant, readable

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the first letters of an id say about what a line is for.
SOURCES = {
    "ch": "capture",
    "py": "capture",
    "re": "refund",
    "pyr": "refund",
    "dp": "dispute",
    "du": "dispute",
    "po": "payout",
}


def line_of(line: Mapping[str, Any]) -> BalanceTransaction:
    """Translate one balance transaction. Raises OutcomeUnknown for an unexpected shape."""
    with readable():
        currency = line["currency"]
        source = id_of(line.get("source"))
        kind = SOURCES.get(source.partition("_")[0])
        return BalanceTransaction(
            reference=line["id"],
            kind=line["type"],
            amount=money_of(line["amount"], currency),
            fee=money_of(line["fee"], currency),
            net=money_of(line["net"], currency),
            source=Reference(kind, source) if kind else None,
            available_at=instant(line["available_on"]),
        )
