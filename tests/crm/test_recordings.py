"""When a call was recorded is read from its facts, whatever order they came in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm.call_facts import Fact
from crm.recordings import Span, overlap, recorded

BEGAN = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
KINDS = ("recording_started", "recording_paused", "recording_resumed", "recording_stopped")


def at(second: int) -> datetime:
    return BEGAN + timedelta(seconds=second)


def span(begins: int, ends: int) -> Span:
    return Span(at(begins), at(ends))


def test_it_runs_from_its_start_to_each_pause_and_from_there_on_again() -> None:
    facts = [
        Fact("recording_started", at(0)),
        Fact("recording_paused", at(10)),
        Fact("recording_resumed", at(25)),
        Fact("ended", at(40)),
    ]

    assert recorded(facts, at(100)) == [span(0, 10), span(25, 40)]


def test_a_recording_whose_end_is_not_told_runs_until_now() -> None:
    assert recorded([Fact("recording_started", at(5))], at(60)) == [span(5, 60)]


def test_a_call_that_is_never_recorded_has_no_span() -> None:
    assert recorded([Fact("answered", at(0)), Fact("ended", at(9))], at(60)) == []


def test_of_pause_and_resume_in_one_instant_the_recording_runs() -> None:
    facts = [
        Fact("recording_started", at(0)),
        Fact("recording_resumed", at(10)),
        Fact("recording_paused", at(10)),
    ]

    assert sum((one.length for one in recorded(facts, at(20))), timedelta()).seconds == 20


def test_only_what_lies_within_is_counted() -> None:
    on = [span(0, 10), span(25, 40)]

    assert overlap(span(10, 25), on) == timedelta()
    assert overlap(span(8, 27), on) == timedelta(seconds=4)
    assert overlap(span(30, 30), on) == timedelta()


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 50)), max_size=8).flatmap(
        lambda told: st.tuples(st.just(told), st.permutations(told))
    )
)
def test_order_and_repetition_cannot_matter(
    told: tuple[list[tuple[str, int]], list[tuple[str, int]]],
) -> None:
    first, other = ([Fact(kind, at(second)) for kind, second in one] for one in told)

    assert recorded(first, at(60)) == recorded([*other, *other], at(60))
    assert all(one.begins_at < one.ends_at for one in recorded(first, at(60)))
