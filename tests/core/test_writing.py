"""Days and times as each language writes them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils.translation import override

from core import writing
from core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = dt.date(2026, 12, 4)
INSTANT = dt.datetime(2026, 12, 4, 7, 5, 9, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("write", "english", "finnish", "swedish"),
    [
        (writing.write_day, "4 December 2026", "4.12.2026", "4 december 2026"),
        (
            writing.write_whole_day,
            "Friday, 4 December 2026",
            "perjantai 4. joulukuuta 2026",
            "fredag 4 december 2026",
        ),
    ],
)
def test_a_day_is_unmistakable_in_every_language(
    write: Callable[[dt.date, str], str], english: str, finnish: str, swedish: str
) -> None:
    assert [write(DAY, locale) for locale in ("en_GB", "fi", "sv")] == [english, finnish, swedish]


@pytest.mark.parametrize(
    ("language", "time", "second", "whole"),
    [
        ("en", "09:05", "09:05:09", "4 December 2026 at 09:05"),
        ("fi", "9.05", "9.05.09", "4.12.2026 klo 9.05"),
        ("sv", "09:05", "09:05:09", "4 december 2026 kl. 09:05"),
    ],
)
def test_a_time_is_that_of_the_business(language: str, time: str, second: str, whole: str) -> None:
    with override(language):
        locale = writing.reader_locale()

        assert writing.write_time(INSTANT, locale) == time
        assert writing.write_time(INSTANT, locale, seconds=True) == second
        assert writing.write_instant(INSTANT, locale) == whole


def test_a_short_day_names_another_year_only() -> None:
    with time_machine.travel("2026-06-01"):
        assert writing.write_short_day(DAY, "en_GB") == "4 Dec"
        assert writing.write_short_day(DAY.replace(year=2025), "sv") == "4 dec. 2025"


def test_a_refusal_tells_a_time_as_its_reader_writes_it() -> None:
    class TooEarly(DomainError):
        message = "Wait until %(until)s."

    with override("fi"):
        assert str(TooEarly(until=INSTANT)) == "Wait until 9.05."
