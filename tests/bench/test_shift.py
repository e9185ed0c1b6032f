"""What the shift calls short, in which order it calls, and how it counts keys. No browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from bench.shift.books import taken_twice
from bench.shift.figures import GOALS, Figure, Figures, nearly_all
from bench.shift.keyboard import Count, Keyboard
from bench.shift.plan import KINDS, plan

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Keys:
    """Stands in for the keyboard of a browser, and remembers."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    @property
    def keyboard(self) -> Keys:
        return self

    def press(self, key: str) -> None:
        self.heard.append(key)

    def type(self, text: str) -> None:
        self.heard.append(text)


def keyboard_of(keys: Keys, check_time: Any = lambda: None) -> Keyboard:
    return Keyboard(cast("Page", keys), check_time)


def test_a_shift_has_forty_calls_of_every_kind_in_an_order_that_can_be_repeated() -> None:
    calls = plan(4)

    assert len(calls) == 40
    assert set(calls) == set(KINDS)
    assert plan(4) == calls
    assert plan(5) != calls
    assert sum(bool(call.fault) for call in calls) >= 10


def test_every_figure_has_a_goal() -> None:
    assert set(GOALS) == set(Figure)


def test_keys_count_and_what_is_typed_into_fields_does_not() -> None:
    keys = Keys()
    keyboard = keyboard_of(keys)

    keyboard.press("g", "d")
    with keyboard.counting() as count:
        keyboard.press("p")
        keyboard.type("24.12.")
        keyboard.press("Enter")
    keyboard.press("l")

    assert (count.keys, count.typed) == (2, 6)
    assert keys.heard == ["g", "d", "p", "24.12.", "Enter", "l"]


def test_a_command_takes_a_thought_and_so_much_a_key() -> None:
    assert Count(keys=2).seconds == pytest.approx(1.35 + 2 * 0.28)
    assert Count(keys=1, typed=9).seconds == pytest.approx(1.35 + 10 * 0.28)


def test_no_key_is_pressed_once_the_call_is_over_time() -> None:
    def too_late() -> None:
        raise TimeoutError

    keys = Keys()
    with pytest.raises(TimeoutError):
        keyboard_of(keys, too_late).press("l")

    assert keys.heard == []


def test_the_slowest_of_twenty_does_not_count_and_of_nineteen_it_does() -> None:
    assert nearly_all([*[0.2] * 19, 9.0]) == 0.2
    assert nearly_all([*[0.2] * 18, 9.0]) == 9.0


def test_a_figure_beyond_its_goal_is_short_and_one_at_its_goal_is_not() -> None:
    figures = Figures()
    figures.note(Figure.LINK_KEYS, 2)
    figures.note(Figure.RAIL_LOST, 15.1)

    link, lost = figures.rows(is_whole=False)

    assert (link.is_short, lost.is_short) == (False, True)


def test_what_a_whole_shift_did_not_measure_is_short() -> None:
    rows = Figures().rows()

    assert len(rows) == len(GOALS)
    assert all(row.is_short and row.cells()[1].startswith("not measured") for row in rows)


def test_what_was_found_is_counted_and_told() -> None:
    figures = Figures()

    figures.find(Figure.AXE, [])
    figures.find(Figure.AXE, ["board: color-contrast: .tile"])

    assert [row.figure for row in figures.rows(is_whole=False)] == [1]
    assert figures.remarks == ["violations that axe finds: board: color-contrast: .tile"]


def test_a_payment_of_which_more_was_taken_than_was_asked_for_was_charged_twice() -> None:
    asked = {"att_1": ("pi_1", 500), "att_2": ("pi_1", 500), "att_3": ("pi_2", 900)}

    assert list(taken_twice([("att_1", 500), ("att_3", 900), ("att_0", 7)], asked)) == []
    assert list(taken_twice([("att_1", 500), ("att_2", 500)], asked)) == [
        "pi_1: 1000 were taken, 500 asked for"
    ]
