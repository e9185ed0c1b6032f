"""When a call was being recorded, read from its facts. Pure: no database, no clock, no order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from crm import call_facts
from crm.call_facts import RECORDING_AFTER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from crm.call_facts import Fact

# Of two facts of one instant the careful one holds: the recording runs.
_CAREFUL = (
    call_facts.RECORDING_STOPPED,
    call_facts.RECORDING_PAUSED,
    call_facts.RECORDING_STARTED,
    call_facts.RECORDING_RESUMED,
)


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant until another, which is not before it."""

    begins_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.begins_at


def recorded(facts: Iterable[Fact], until: datetime) -> list[Span]:
    """Return when the recording ran, in order, at most until an instant or the call's end."""
    known = list(facts)
    ends = [one.at for one in known if one.kind == call_facts.ENDED]
    until = min([until, *ends])
    changes = [one for one in known if one.kind in RECORDING_AFTER and one.at < until]
    changes.sort(key=lambda one: (one.at, _CAREFUL.index(one.kind)))
    spans: list[Span] = []
    began_at: datetime | None = None
    for change in changes:
        is_on = RECORDING_AFTER[change.kind] == "on"
        if is_on and began_at is None:
            began_at = change.at
        elif not is_on and began_at is not None:
            spans.append(Span(began_at, change.at))
            began_at = None
    if began_at is not None:
        spans.append(Span(began_at, until))
    return [span for span in spans if span.length]


def overlap(one: Span, others: Iterable[Span]) -> timedelta:
    """Return how much of a span lies within others, which do not overlap each other."""
    shared = (
        min(one.ends_at, other.ends_at) - max(one.begins_at, other.begins_at) for other in others
    )
    return sum((length for length in shared if length > timedelta()), timedelta())
