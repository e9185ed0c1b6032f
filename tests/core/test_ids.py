"""Ids sort by time and cannot be guessed."""

from __future__ import annotations

import re

import time_machine

from core.ids import make_public_id


def test_an_id_is_a_prefix_and_26_characters() -> None:
    assert re.fullmatch(r"cus_[0-9a-hjkmnp-tv-z]{26}", make_public_id("cus"))


def test_ids_sort_by_the_millisecond_they_were_made_in() -> None:
    made = []
    with time_machine.travel("2026-01-01", tick=False) as clock:
        for _ in range(50):
            made.append(make_public_id("pi"))
            clock.shift(0.001)

    assert made == sorted(made)


def test_ids_of_one_millisecond_differ() -> None:
    with time_machine.travel("2026-01-01", tick=False):
        assert len({make_public_id("pi") for _ in range(10_000)}) == 10_000
