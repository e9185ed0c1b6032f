"""What a lesson is made of: a script in beats, and checks of what really happened. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from core.models import User
    from core.policy import Permission
    from training.facts import Facts

type Condition = Callable[[Facts], bool]
type Act = Callable[[Stage], None]


class Card(StrEnum):
    """The customer’s test cards, by what they do."""

    GOOD = "good"
    NO_FUNDS = "no_funds"


class Stage(Protocol):
    """What a script may do. Each act is safe to repeat, and none is done in a transaction."""

    def ring(self) -> None: ...
    def ring_unknown(self) -> None: ...
    def hang_up(self) -> None: ...
    def open_page(self) -> None: ...
    def pay(self, card: Card, *, keeps: bool = False) -> None: ...
    def let_lapse(self) -> None: ...
    def go_wrong(self, fault: str, operation: str, times: int = 1) -> None: ...
    def buy(self, extra: int = 0, *, keeps: bool = False, times: int = 1) -> None: ...
    def ask_refund(self, reason: str) -> None: ...
    def bill(self, extra: int = 0) -> None: ...
    def refund_at_provider(self) -> None: ...
    def deliver(self) -> None: ...
    def park(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Beat:
    """One step of the script: taken once it is so, and so many seconds after the one before.

    What it says is a caption, in which `%(amount)s` is what the lesson is about and
    `%(name)s` the customer.
    """

    when: Condition
    says: StrOrPromise = ""
    act: Act | None = None
    after_s: float = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a lesson looks for in the rows, and what to do better where it is not so."""

    key: str
    points: int
    says: StrOrPromise
    better: StrOrPromise
    is_met: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One lesson: who may take it, what is asked of them, the script and what is looked for.

    `owes` is what the customer owes (minor units) before a few cents that tell runs apart;
    0 makes no bill. `asks` works the amount that it is about out by who learns.
    """

    key: str
    title: StrOrPromise
    task: StrOrPromise
    permission: Permission
    beats: tuple[Beat, ...]
    checks: tuple[Check, ...]
    is_over: Condition
    owes: int = 0
    asks: Callable[[User], int] | None = None
    help: str = "pay"
    """The screen whose help tells of it."""
    has_customer: bool = True
    is_on_phone: bool = True
    """Whether the script speaks by telephone; else a colleague or the provider writes."""

    def beat(self, number: int) -> Beat | None:
        """The step of a number, if the script goes so far."""
        return self.beats[number] if number < len(self.beats) else None

    def check(self, key: str) -> Check | None:
        """The check of a key."""
        return next((one for one in self.checks if one.key == key), None)

    @property
    def points(self) -> int:
        return sum(check.points for check in self.checks)


def always(facts: Facts) -> bool:
    """Nothing to wait for."""
    del facts
    return True


def answered(facts: Facts) -> bool:
    return facts.answered_at is not None


def hung_up(facts: Facts) -> bool:
    return facts.ended_at is not None


def has_link(facts: Facts) -> bool:
    return facts.open_link is not None


def is_paid(facts: Facts) -> bool:
    return facts.is_paid


def is_wrapped_up(facts: Facts) -> bool:
    return bool(facts.outcome)
