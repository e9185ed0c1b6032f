"""What the events of one telephone call add up to. Pure: no database, no clock, no order.

A telephone system tells of a call in any order and any number of times; `join` gives the same
result for every order and repetition. Where two things bear the same instant the careful one
holds: a recording runs, a call is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

RINGING: Final = "ringing"
ANSWERED: Final = "answered"
HELD: Final = "held"
RESUMED: Final = "resumed"
RECORDING_STARTED: Final = "recording_started"
RECORDING_PAUSED: Final = "recording_paused"
RECORDING_RESUMED: Final = "recording_resumed"
RECORDING_STOPPED: Final = "recording_stopped"
TRANSFERRED: Final = "transferred"
ENDED: Final = "ended"
DIAL_FAILED: Final = "dial_failed"

# Where instants are equal, what stands further right holds.
_TALK: Final = (RINGING, ANSWERED, RESUMED, HELD)
_RECORDING: Final = (RECORDING_STOPPED, RECORDING_PAUSED, RECORDING_STARTED, RECORDING_RESUMED)
KINDS: Final = frozenset({*_TALK, *_RECORDING, TRANSFERRED, ENDED, DIAL_FAILED})

STATUS_AFTER: Final = {RINGING: "ringing", ANSWERED: "answered", RESUMED: "answered", HELD: "held"}
RECORDING_AFTER: Final = {
    RECORDING_STARTED: "on",
    RECORDING_RESUMED: "on",
    RECORDING_PAUSED: "paused",
    RECORDING_STOPPED: "none",
}


class ImpossibleFact(ValueError):
    """A fact names a kind that does not exist. Nothing may be derived from it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to a call at `at`, by the telephone system's clock.

    What it does not say is empty. `agent_id` is whose extension it names; None with an
    extension means that the extension is nobody's.
    """

    kind: str
    at: datetime
    extension: str = ""
    agent_id: int | None = None
    direction: str = ""
    their_number: str = ""
    our_number: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ImpossibleFact(f"a call cannot be {self.kind}")


@dataclass(frozen=True, slots=True)
class State:
    """Where a call stands once all its facts are joined."""

    status: str
    recording: str
    agent_id: int | None
    direction: str
    their_number: str
    our_number: str
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None


def join(facts: Sequence[Fact]) -> State:
    """Join the facts of one call. Refuses an empty sequence."""
    named = [fact for fact in facts if fact.extension]
    agent = max(named, key=_by_extension).agent_id if named else None
    recording = _latest(facts, _RECORDING)
    return State(
        status=_status(facts),
        recording=RECORDING_AFTER[recording.kind] if recording else "none",
        agent_id=agent,
        direction=_first_said(facts, "direction") or "inbound",
        their_number=_first_said(facts, "their_number"),
        our_number=_first_said(facts, "our_number"),
        ringing_at=_earliest(facts, {RINGING}),
        answered_at=_earliest(facts, {ANSWERED}),
        ended_at=_earliest(facts, {ENDED, DIAL_FAILED}),
    )


def _status(facts: Sequence[Fact]) -> str:
    """Nothing follows an end. A transferred call stands as its last leg does."""
    kinds = {fact.kind for fact in facts}
    if kinds & {ENDED, DIAL_FAILED}:
        return "failed" if DIAL_FAILED in kinds and not kinds & {ANSWERED, RESUMED} else "ended"
    moved_at = max((fact.at for fact in facts if fact.kind == TRANSFERRED), default=None)
    after = [fact for fact in facts if moved_at is not None and fact.at > moved_at]
    latest = _latest(after, _TALK)
    if latest is None:
        # A call that was answered does not ring again, however late its ring is told.
        talk = [fact for fact in facts if fact.kind != RINGING]
        latest = _latest(talk, _TALK)
    return STATUS_AFTER[latest.kind] if latest else "ringing"


def _latest(facts: Sequence[Fact], order: Sequence[str]) -> Fact | None:
    fitting = [fact for fact in facts if fact.kind in order]
    return max(fitting, key=lambda fact: (fact.at, order.index(fact.kind)), default=None)


def _by_extension(fact: Fact) -> tuple[datetime, str, str, int]:
    return fact.at, fact.kind, fact.extension, fact.agent_id or 0


def _first_said(facts: Sequence[Fact], name: str) -> str:
    said = [(fact.at, getattr(fact, name)) for fact in facts if getattr(fact, name)]
    return str(min(said)[1]) if said else ""


def _earliest(facts: Sequence[Fact], kinds: Collection[str]) -> datetime | None:
    return min((fact.at for fact in facts if fact.kind in kinds), default=None)
