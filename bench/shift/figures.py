"""What is measured during a shift, and what it has to come to."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bench.rows import Row, limited

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Figure(StrEnum):
    """Everything a call may note. Seconds, keys, kilobytes or mere counts: see `GOALS`."""

    RING = "known caller and what is owed on the screen"
    LINK_KEYS = "ring to link sent: keys"
    GATEWAY = "link to the message gateway"
    PAID = "ring to paid by link"
    OWN_WORK = "agent's own work for it"
    RAIL = "webhook to rail"
    RAIL_LOST = "paid to rail, every webhook lost"
    NEW_KEYS = "unknown caller to link: keys beside what is typed"
    NEW_TIME = "unknown caller to link"
    SAVED_KEYS = "saved method: keys"
    PROMISE_KEYS = "promise: keys beside the date"
    PLAN_KEYS = "instalments: keys"
    REFUND_KEYS = "full refund: keys beside the reason"
    APPROVE_KEYS = "second person: keys to approve"
    WRAP_UP_KEYS = "wrap-up: keys"
    WRAP_UP_TIME = "hung up to wrapped up"
    NOTES_LOST = "notes lost with a killed tab"
    STREAMS = "live streams of six tabs"
    TABS_DEAF = "of six tabs, those that did not hear"
    BOARD_AGE = "age of the board"
    BOARD_OTHER = "figures of the board that open other rows"
    FAILOVER = "provider down to the next one's page"
    FAILOVER_STEPS = "steps of the agent that it added"
    DOUBLE = "charged twice, in the provider's own book"
    DESK_SIZE = "agent's page, first load"
    BOARD_SIZE = "board, first load"
    PAY_SIZE = "pay page, first load"
    FOREIGN = "requests to anybody else"
    STATEMENTS = "statements that a page of an agent took"
    AXE = "violations that axe finds"
    POLICY = "violations of the content policy"
    COMPLAINTS = "other complaints of the browser"
    MOUSE = "mouse events of agents"
    MONEY = "differences of verify_money"
    SEALS = "findings of verify_seals"
    LOGGED = "exceptions in the programs' logs"


def most(values: Sequence[float]) -> float:
    return max(values)


def middle(values: Sequence[float]) -> float:
    return percentile(values, 0.5)


def nearly_all(values: Sequence[float]) -> float:
    return percentile(values, 0.95)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so great a share does not exceed (the nearest rank)."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@dataclass(frozen=True, slots=True)
class Goal:
    """How the values of one figure become one, and what that may be at the most."""

    of: Callable[[Sequence[float]], float]
    limit: float
    unit: str = ""
    says: str = ""


# The goals of the desk. Times are wall time of this machine, from outside.
GOALS: dict[Figure, Goal] = {
    Figure.RING: Goal(nearly_all, 1.0, "s", "p95"),
    Figure.LINK_KEYS: Goal(most, 2),
    Figure.GATEWAY: Goal(nearly_all, 2.0, "s", "p95"),
    Figure.PAID: Goal(middle, 60, "s", "median"),
    Figure.OWN_WORK: Goal(middle, 10, "s", "median"),
    Figure.RAIL: Goal(nearly_all, 1.0, "s", "p95"),
    Figure.RAIL_LOST: Goal(most, 15, "s"),
    Figure.NEW_KEYS: Goal(most, 12),
    Figure.NEW_TIME: Goal(most, 25, "s"),
    Figure.SAVED_KEYS: Goal(most, 3),
    Figure.PROMISE_KEYS: Goal(most, 4),
    Figure.PLAN_KEYS: Goal(most, 5),
    Figure.REFUND_KEYS: Goal(most, 3),
    Figure.APPROVE_KEYS: Goal(most, 1),
    Figure.WRAP_UP_KEYS: Goal(most, 1),
    Figure.WRAP_UP_TIME: Goal(nearly_all, 10, "s", "p95"),
    Figure.NOTES_LOST: Goal(sum, 0),
    Figure.STREAMS: Goal(most, 1),
    Figure.TABS_DEAF: Goal(sum, 0),
    Figure.BOARD_AGE: Goal(most, 5, "s"),
    Figure.BOARD_OTHER: Goal(sum, 0),
    Figure.FAILOVER: Goal(most, 10, "s"),
    Figure.FAILOVER_STEPS: Goal(most, 0),
    Figure.DOUBLE: Goal(sum, 0),
    Figure.DESK_SIZE: Goal(most, 150, "kB"),
    Figure.BOARD_SIZE: Goal(most, 320, "kB"),
    Figure.PAY_SIZE: Goal(most, 60, "kB"),
    Figure.FOREIGN: Goal(sum, 0),
    Figure.STATEMENTS: Goal(most, 12),
    Figure.AXE: Goal(sum, 0),
    Figure.POLICY: Goal(sum, 0),
    Figure.COMPLAINTS: Goal(sum, 0),
    Figure.MOUSE: Goal(sum, 0),
    Figure.MONEY: Goal(sum, 0),
    Figure.SEALS: Goal(sum, 0),
    Figure.LOGGED: Goal(sum, 0),
}


@dataclass
class Figures:
    """Collects what calls note, and what is to be read about it by a person."""

    noted: defaultdict[Figure, list[float]] = field(default_factory=lambda: defaultdict(list))
    remarks: list[str] = field(default_factory=list)

    def note(self, figure: Figure, value: float) -> None:
        self.noted[figure].append(value)

    def find(self, figure: Figure, findings: Sequence[str]) -> None:
        """Note how many findings there are, and keep their words."""
        self.note(figure, len(findings))
        self.remarks += [f"{figure}: {finding}" for finding in findings]

    def rows(self, *, is_whole: bool = True) -> list[Row]:
        """One row a goal. What a whole shift did not measure is short; of a part it is left out."""
        return [
            self._row(figure, goal)
            for figure, goal in GOALS.items()
            if is_whole or figure in self.noted
        ]

    def _row(self, figure: Figure, goal: Goal) -> Row:
        values = self.noted.get(figure, [])
        reached = goal.of(values) if values else math.inf
        counted = f"{len(values)} measured"
        anchor = f"{goal.says} of {counted}" if goal.says else counted
        return limited(figure, reached, goal.limit, unit=goal.unit, anchor=anchor)
