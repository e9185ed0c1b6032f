"""The join of a call's facts: order and repetition cannot matter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.call_facts import KINDS, Fact, ImpossibleFact, join
from crm.models import Call, CallEvent

BEGAN_AT = datetime(2026, 11, 26, 9, tzinfo=UTC)


def fact(kind: str, second: int = 0, extension: str = "", agent_id: int | None = None) -> Fact:
    return Fact(kind, BEGAN_AT + timedelta(seconds=second), extension, agent_id)


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    agent_id = draw(st.none() | st.integers(1, 2))
    return Fact(
        kind=draw(st.sampled_from(sorted(KINDS))),
        at=BEGAN_AT + timedelta(seconds=draw(st.integers(0, 4))),
        extension=draw(st.sampled_from(["", "101", "102"])),
        agent_id=agent_id,
        direction=draw(st.sampled_from(["", "inbound", "outbound"])),
        their_number=draw(st.sampled_from(["", "+358401234567", "+358409999999"])),
    )


@given(st.lists(facts(), min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_the_order_and_the_repetition_of_facts_cannot_matter(
    heard: list[Fact], random: object
) -> None:
    shuffled = [*heard, *heard[:3]]
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives a random.Random

    assert join(shuffled) == join(heard)


@given(st.lists(facts(), min_size=1, max_size=10))
def test_every_joined_value_is_one_that_the_database_knows(heard: list[Fact]) -> None:
    state = join(heard)

    assert state.status in Call.Status
    assert state.recording in Call.Recording
    assert state.direction in Call.Direction


@pytest.mark.parametrize(
    ("kinds", "status", "recording"),
    [
        (["ringing"], "ringing", "none"),
        (["ringing", "answered"], "answered", "none"),
        (["answered", "recording_started", "held"], "held", "on"),
        (["answered", "held", "resumed"], "answered", "none"),
        (["answered", "recording_started", "recording_paused"], "answered", "paused"),
        (["recording_started", "recording_paused", "recording_resumed"], "ringing", "on"),
        (["recording_started", "recording_stopped"], "ringing", "none"),
        (["ringing", "answered", "ended"], "ended", "none"),
        (["ringing", "dial_failed", "ended"], "failed", "none"),
        (["answered", "held", "transferred", "ringing"], "ringing", "none"),
        (["answered", "transferred", "ringing", "answered"], "answered", "none"),
        (["answered", "held", "transferred"], "held", "none"),
    ],
)
def test_a_call_stands_as_its_latest_facts_say(
    kinds: list[str], status: str, recording: str
) -> None:
    told = [fact(kind, second) for second, kind in enumerate(kinds)]

    for order in permutations(told):
        state = join(order)
        assert (state.status, state.recording) == (status, recording)


def test_of_one_instant_the_careful_thing_holds() -> None:
    state = join([fact("recording_paused", 3), fact("recording_resumed", 3), fact("held", 3)])

    assert (state.status, state.recording) == ("held", "on")


def test_a_ring_that_is_told_late_does_not_undo_an_answer() -> None:
    assert join([fact("answered", 2), fact("ringing", 4)]).status == "answered"


def test_a_call_belongs_to_the_extension_that_was_named_last() -> None:
    moved = [fact("answered", 1, "101", 7), fact("transferred", 2, "102", 8)]

    assert join(moved).agent_id == 8
    assert join([*moved, fact("transferred", 3, "0401")]).agent_id is None


def test_what_cannot_happen_to_a_call_is_refused() -> None:
    with pytest.raises(ImpossibleFact):
        fact("exploded")


def test_every_kind_of_event_has_words() -> None:
    assert set(CallEvent.Kind.values) == KINDS
