"""Posting through our service and through the floor's function, in turns, on one connection."""

from __future__ import annotations

import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING

from django.db import OperationalError, connection

from bench.inside import answer, seconds
from core import rows
from payments.postings import Line, account
from payments.services.ledger import settle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    type Pair = tuple[int, int]

ACCOUNTS = 100
SINGLY = 800
BATCH, BATCHES = 100, 20
WRITERS, BATCHES_OF_WRITER = 4, 10
AMOUNT = 4_990
POST = "SELECT floor.post(%s, %s::int, %s::int, %s)"
POST_MANY = "SELECT floor.post_many(%s, %s::int[], %s::int[], %s)"

chance = Random(6)


def pairs(count: int) -> list[Pair]:
    """Accounts to move money between, at random."""
    drawn = (chance.sample(range(ACCOUNTS), 2) for _ in range(count))
    return [(debit, credit) for debit, credit in drawn]


def hot_pairs(count: int) -> list[Pair]:
    """The same with one account in every transfer."""
    return [(0, credit) for credit in (chance.randrange(1, ACCOUNTS) for _ in range(count))]


def post_ours(wanted: Sequence[Pair]) -> None:
    keys = [account("customer-funds", "EUR", f"bench{n}") for n in range(ACCOUNTS)]
    run = uuid.uuid4().hex[:30]
    lines = [
        Line(f"cap_{run}{n}", "captured", keys[debit], keys[credit], AMOUNT)
        for n, (debit, credit) in enumerate(wanted)
    ]
    if settle(lines, version=1) != len(lines):
        raise RuntimeError("Not every line was posted.")


def post_floor(wanted: Sequence[Pair]) -> None:
    run = uuid.uuid4().hex
    if len(wanted) == 1:
        rows.select(POST, [run, *wanted[0], AMOUNT])
        return
    debits, credits_ = zip(*wanted, strict=True)
    keys = [f"{run}{n}" for n in range(len(wanted))]
    rows.select(POST_MANY, [keys, list(debits), list(credits_), [AMOUNT] * len(wanted)])


def cost(post: Callable[[Sequence[Pair]], None], batches: Sequence[Sequence[Pair]]) -> float:
    """Milliseconds of processor time a transfer."""
    before = seconds()
    for batch in batches:
        post(batch)
    return (seconds() - before) / sum(map(len, batches)) * 1000


def speed(draw: Callable[[int], list[Pair]]) -> tuple[float, int]:
    """Transfers a second of four writers of batches, and how often two waited for each other."""
    batches = [[draw(BATCH) for _ in range(BATCHES_OF_WRITER)] for _ in range(WRITERS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(WRITERS) as writers:
        deadlocks = sum(writers.map(_write, batches))
    took = time.perf_counter() - started
    return WRITERS * BATCHES_OF_WRITER * BATCH / took, deadlocks


def _write(batches: Sequence[Sequence[Pair]]) -> int:
    deadlocks = 0
    for batch in batches:
        try:
            post_ours(batch)
        except OperationalError as error:
            if "deadlock" not in str(error):
                raise
            deadlocks += 1
    connection.close()
    return deadlocks


def main(rounds: int) -> None:
    """Each figure once a round, the sides in turns. The first, cold round does not count."""
    found: dict[str, list[float]] = {
        name: []
        for name in ("one", "floor_one", "batch", "floor_batch", "spread", "hot", "deadlocks")
    }
    for turn in range(rounds + 1):
        singles = [[pair] for pair in pairs(SINGLY)]
        batches = [pairs(BATCH) for _ in range(BATCHES)]
        spread, crossed = speed(pairs)
        hot, waited = speed(hot_pairs)
        round_ = {
            "floor_one": cost(post_floor, singles),
            "one": cost(post_ours, singles),
            "floor_batch": cost(post_floor, batches),
            "batch": cost(post_ours, batches),
            "spread": spread,
            "hot": hot,
            "deadlocks": crossed + waited,
        }
        for name, figure in round_.items():
            if turn:
                found[name].append(figure)
    answer(found)


if __name__ == "__main__":
    main(int(sys.argv[1]))
