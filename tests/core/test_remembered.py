"""What was read lately is read again when it may have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core import remembered
from core.remembered import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(remembered, "monotonic", one)
    return one


def in_turn(*values: int | None) -> Callable[[], int | None]:
    """A source that gives another value at each reading."""
    return iter(values).__next__


def test_a_value_is_read_again_only_when_its_time_is_over(clock: Clock) -> None:
    known, read = Remembered[str, int | None](5.0), in_turn(1, 2)

    assert known.get("a", read) == 1
    clock.now += 4.9
    assert known.get("a", read) == 1
    clock.now += 0.1
    assert known.get("a", read) == 2


def test_each_key_has_a_value_of_its_own(clock: Clock) -> None:
    known = Remembered[str, int | None](5.0)

    assert known.get("a", lambda: 1) == 1
    assert known.get("b", lambda: 2) == 2
    assert known.get("a", lambda: 3) == 1


def test_what_was_not_there_is_looked_for_again(clock: Clock) -> None:
    known, read = Remembered[str, int | None](5.0), in_turn(None, 1)

    assert known.get("a", read) is None
    assert known.get("a", read) == 1


def test_what_is_gone_at_the_next_reading_is_not_kept(clock: Clock) -> None:
    known, read = Remembered[str, int | None](5.0), in_turn(1, None, 2)

    assert known.get("a", read) == 1
    clock.now += 5.0
    assert known.get("a", read) is None
    assert known.get("a", read) == 2


def test_forgetting_reads_everything_again(clock: Clock) -> None:
    known, read = Remembered[str, int | None](5.0), in_turn(1, 2)

    assert known.get("a", read) == 1
    known.forget()
    assert known.get("a", read) == 2


def test_it_never_holds_more_than_it_may(clock: Clock) -> None:
    known = Remembered[int, int | None](5.0, most=2)

    for key in range(3):
        known.get(key, lambda: 0)

    assert known.get(2, lambda: 1) == 0
    assert known.get(0, lambda: 1) == 1
