"""What happened during a call, as the apps above tell it, and what follows for the wrap-up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from crm.models import Call, OutcomeCode

    type Teller = Callable[[Call], Iterable[Deed]]

PRIORITY = (
    "refunded",
    "paid",
    "instalments",
    "promised",
    "link_sent",
    "call_back",
    "not_reached",
    "answered_question",
)
"""Of everything that happened the first of these names the call. Keys of `OutcomeCode`."""

_tellers: list[Teller] = []


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done during a call: when, the outcome it speaks for, and a sentence."""

    at: datetime
    outcome: str
    sentence: str


def register(teller: Teller) -> None:
    """Let an app tell what was done during a call, in the reader's language. Safe to repeat."""
    if teller not in _tellers:
        _tellers.append(teller)


def deeds_of(call: Call) -> list[Deed]:
    """Return what was done during a call, in the order of time."""
    return sorted((deed for teller in _tellers for deed in teller(call)), key=lambda one: one.at)


def suggested(call: Call, deeds: Sequence[Deed], codes: Sequence[OutcomeCode]) -> str:
    """Return the key of the code that fits best, or nothing where none of the codes does."""
    happened = {deed.outcome for deed in deeds}
    happened.add("answered_question" if call.answered_at is not None else "not_reached")
    offered = {code.key for code in codes}
    return next((key for key in PRIORITY if key in happened and key in offered), "")


def drafted(deeds: Sequence[Deed]) -> str:
    """Return a note that says what was done: a sentence a line, each once."""
    return "\n".join(dict.fromkeys(deed.sentence for deed in deeds))
