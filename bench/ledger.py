"""Rows 6 and 6b: posting to the ledger through our service, and reading a balance."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from bench.floor.ledger import MAKE
from bench.rows import Row, against_floor, limited

if TYPE_CHECKING:
    from bench.site import Site


def measure(site: Site, rounds: int) -> list[Row]:
    """One by one, in batches, all through one account; then the balance of a busy account."""
    site.sql(MAKE)
    told = site.ask("posting", rounds)
    site.sql("DROP SCHEMA floor CASCADE")
    balance = site.ask("balance")
    speeds = f"{median(told['hot']):.0f} of {median(told['spread']):.0f} a second"
    shares = [hot / spread for hot, spread in zip(told["hot"], told["spread"], strict=True)]
    few = f"{balance['few_ms']:.2f} ms behind {balance['few_transfers']:.0f}"
    return [
        against_floor("posting: CPU a transfer", told["one"], told["floor_one"], 2.0),
        against_floor("posting: CPU in batches", told["batch"], told["floor_batch"], 1.5),
        limited(
            "posting: one hot account", median(shares), 0.7, unit="×", anchor=speeds, at_least=True
        ),
        limited("posting: deadlocks", sum(told["deadlocks"]), 0, unit=""),
        limited(
            f"balance behind {balance['transfers']} transfers: CPU",
            balance["ms"],
            1,
            unit="ms",
            anchor=few,
        ),
    ]
