"""What the facts about one payment add up to. Pure: no database, no clock, no order.

A fact says that a subject has reached a status with a cumulative amount. Facts arrive from
answers, webhooks, polls, imports and people, in any order and any number of times; `join`
gives the same result for every order and repetition of the same facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ATTEMPT: Final = "attempt"
CAPTURE: Final = "capture"
CANCELLATION: Final = "cancellation"
REFUND: Final = "refund"
DISPUTE: Final = "dispute"

RANKS: Final[Mapping[str, Mapping[str, int]]] = {
    ATTEMPT: {
        "unknown": 0,
        "pending": 1,
        "declined": 2,
        "expired": 2,
        "not_executed": 2,
        "canceled": 2,
        "authorised": 3,
    },
    CAPTURE: {"unknown": 0, "pending": 1, "not_executed": 2, "succeeded": 3, "failed": 4},
    CANCELLATION: {"unknown": 0, "pending": 1, "not_executed": 2, "failed": 3, "succeeded": 4},
    REFUND: {
        "unknown": 0,
        "pending": 1,
        "not_executed": 2,
        "canceled": 2,
        "succeeded": 3,
        "failed": 4,
    },
    DISPUTE: {"needs_response": 0, "under_review": 1, "lost": 2, "won": 3},
}

OPEN: Final = frozenset({"unknown", "pending", "needs_response", "under_review"})
"""Statuses after which the provider will still say more; every other one is final."""

COUNTS: Final[Mapping[str, frozenset[str]]] = {
    ATTEMPT: frozenset({"authorised"}),
    CAPTURE: frozenset({"succeeded"}),
    CANCELLATION: frozenset({"succeeded"}),
    REFUND: frozenset({"succeeded"}),
    DISPUTE: frozenset({"needs_response", "under_review", "lost"}),
}
"""The statuses in which a subject's amount counts as money."""

OPERATOR: Final = "operator"


class ImpossibleFact(ValueError):
    """A fact names a kind or status that does not exist. Nothing may be derived from it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Subject `subject` of `kind` has reached `status` with cumulative `amount` (minor units)."""

    kind: str
    subject: str
    status: str
    amount: int
    currency: str
    version: int | None = None
    source: str = "api"

    def __post_init__(self) -> None:
        if self.status not in RANKS.get(self.kind, {}):
            raise ImpossibleFact(f"{self.kind} cannot be {self.status}")
        if self.amount < 0:
            raise ImpossibleFact(f"{self.kind} {self.subject} has a negative amount")

    @property
    def is_final(self) -> bool:
        return self.status not in OPEN

    @property
    def standing(self) -> tuple[int, int, str, str]:
        """How far the fact reaches. Status and currency only make the order total."""
        return RANKS[self.kind][self.status], self.amount, self.status, self.currency


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one subject stands once all its facts are joined."""

    kind: str
    subject: str
    status: str
    amount: int
    currency: str

    @property
    def counted(self) -> int:
        """The amount that is money in this status, or zero."""
        return self.amount if self.status in COUNTS[self.kind] else 0


def join_subject(facts: Sequence[Fact]) -> Standing:
    """Join the facts of one subject. Refuses an empty sequence.

    Among facts with a version the highest version wins; it and the unversioned ones are
    compared by rank, then by the greater amount. What an operator said counts only while
    the provider has given no final fact.
    """
    heard = [fact for fact in facts if fact.source != OPERATOR]
    if not any(fact.is_final for fact in heard):
        heard = list(facts)
    versioned = [fact for fact in heard if fact.version is not None]
    candidates = [fact for fact in heard if fact.version is None]
    if versioned:
        candidates.append(max(versioned, key=_by_version))
    best = max(candidates, key=lambda fact: fact.standing)
    return Standing(best.kind, best.subject, best.status, best.amount, best.currency)


def join(facts: Iterable[Fact]) -> dict[tuple[str, str], Standing]:
    """Join every subject. Keys are (kind, subject)."""
    ordered = sorted(facts, key=_by_subject)
    return {key: join_subject(list(group)) for key, group in groupby(ordered, key=_by_subject)}


def _by_subject(fact: Fact) -> tuple[str, str]:
    return fact.kind, fact.subject


def _by_version(fact: Fact) -> tuple[int, tuple[int, int, str, str]]:
    return fact.version or 0, fact.standing


@dataclass(frozen=True, slots=True)
class AttemptFigures:
    """One attempt's joined figures, in the intent's currency (minor units)."""

    status: str
    authorised: int
    captured: int
    cancelled: int
    waits_for_customer: bool

    @property
    def capturable(self) -> int:
        return max(0, self.authorised - self.captured - self.cancelled)


@dataclass(frozen=True, slots=True)
class IntentFigures:
    """What an intent's status is made of (minor units)."""

    amount: int
    captured: int
    capturable: int
    is_canceled: bool
    attempts: tuple[AttemptFigures, ...]


def intent_status(figures: IntentFigures) -> str:
    """Return the first status that holds, in the order in which they matter to a person."""
    in_flight = [a for a in figures.attempts if a.status in {"unknown", "pending"}]
    rules = (
        (figures.captured >= figures.amount, "succeeded"),
        (figures.captured > 0, "partially_paid"),
        (figures.capturable > 0, "requires_capture"),
        (any(a.status == "unknown" or not a.waits_for_customer for a in in_flight), "processing"),
        (bool(in_flight), "requires_action"),
        (figures.is_canceled, "canceled"),
    )
    return next((status for holds, status in rules if holds), "requires_payment_method")
