"""What is compared once the last call is over: the provider's own book, our money, our logs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench.crowd import gathering
from bench.shift.figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bench.shift.stage import Stage

ASKED = """
    SELECT attempt.public_id, intent.public_id, intent.amount
      FROM payments_paymentattempt attempt
      JOIN payments_paymentintent intent ON intent.id = attempt.intent_id
"""


def compare(stage: Stage) -> None:
    """Let everything come to rest, and compare."""
    house, figures = stage.shop.house, stage.figures
    still_open = gathering.heal(house)
    waiting = [f"{count} {name} still open" for name, count in still_open.items() if count]
    findings: list[str] = gathering.check(house, "--verify")["findings"]
    seals = [words for words in findings if words.startswith("verify_seals")]
    figures.find(Figure.MONEY, waiting + [words for words in findings if words not in seals])
    figures.find(Figure.SEALS, seals)
    effects = stage.shop.web.get(f"{house.sandbox_address}/_effects").json()["effects"]
    taken = [(one["attempt_id"], one["amount"]) for one in effects if one["kind"] == "capture"]
    asked = {attempt: (intent, amount) for attempt, intent, amount in stage.read(ASKED)}
    figures.find(Figure.DOUBLE, list(taken_twice(taken, asked)))
    logged = [f"{name}: {note}: {error}" for name, note, error in gathering.exceptions(house)]
    figures.find(Figure.LOGGED, logged)


def taken_twice(
    taken: Iterable[tuple[str, int]], asked: Mapping[str, tuple[str, int]]
) -> Iterator[str]:
    """Payments for which the provider took more than was asked, by its own book."""
    sums: Counter[str] = Counter()
    for attempt, amount in taken:
        if attempt in asked:
            sums[asked[attempt][0]] += amount
    limits = dict(asked.values())
    for intent, amount in sums.items():
        if amount > limits[intent]:
            yield f"{intent}: {amount} were taken, {limits[intent]} asked for"
