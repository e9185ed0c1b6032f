"""One story of a call: its own events, and what upper apps know of it, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django_stubs_ext import StrOrPromise

    from crm.models import Call

    type Teller = Callable[[Call], list[Step]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, as a story in time shows it."""

    at: datetime
    text: StrOrPromise
    tone: str = ""
    state: str = "done"


@dataclass(frozen=True, slots=True)
class Topic:
    """What a page of the call listens to beside the call itself."""

    name: str
    version: int


_tellers: list[Teller] = []
_topics: list[Callable[[Call], list[Topic]]] = []


def register(teller: Teller, topics: Callable[[Call], list[Topic]] | None = None) -> None:
    """Add what an upper app tells of a call, and what it listens to. Safe to repeat."""
    if teller not in _tellers:
        _tellers.append(teller)
    if topics is not None and topics not in _topics:
        _topics.append(topics)


def told(call: Call) -> list[Step]:
    """What upper apps tell of a call."""
    return [step for teller in _tellers for step in teller(call)]


def listened_to(call: Call) -> list[Topic]:
    """What upper apps listen to for a call."""
    return [topic for topics in _topics for topic in topics(call)]
