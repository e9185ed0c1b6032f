"""The arithmetic of the benchmarks: what they count, and when they call a row short."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench import cpu
from bench.load import Answers, percentile, request
from bench.rows import against_floor, draw, limited

BURN = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 51), (0.95, 96), (0.99, 100), (1, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_a_figure_at_its_limit_is_not_short() -> None:
    assert not limited("wait", 5.0, 5.0, unit="ms").is_short
    assert limited("wait", 5.01, 5.0, unit="ms").is_short


def test_where_more_is_better_less_is_short() -> None:
    assert not limited("speed", 0.7, 0.7, unit="×", at_least=True).is_short
    assert limited("speed", 0.69, 0.7, unit="×", at_least=True).is_short


def test_a_ratio_is_that_of_the_rounds_and_not_of_their_medians() -> None:
    """A machine that is busy in one round slows both sides of it."""
    row = against_floor("event", [10, 90, 11], [5, 45, 11], 2.0)

    assert row.figure == 2.0
    assert (row.ours, row.anchor) == ("11.00 ms", "11.00 ms")
    assert not row.is_short


def test_rounds_without_a_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        against_floor("event", [1, 2], [1], 2.0)


def test_the_table_says_which_row_is_short() -> None:
    rows = [limited("slow", 9, 5, unit="ms"), limited("quick", 1, 5, unit="ms")]

    head, ruler, slow, quick = draw(rows).splitlines()

    assert head.startswith("row")
    assert set(ruler) == {"-", " "}
    assert slow.endswith("≤ 5 ms  short")
    assert quick.endswith("≤ 5 ms  ok")


def test_a_round_with_another_answer_measures_nothing() -> None:
    answers = Answers()
    answers.statuses.update([200, 200, 500])

    with pytest.raises(RuntimeError, match="500: 1"):
        answers.expect(200)


def test_a_request_travels_with_its_length() -> None:
    sent = request("POST", "/pay", b"body", {"Accept": "text/html"})

    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.splitlines()[0] == b"POST /pay HTTP/1.1"
    assert b"Content-Length: 4" in head.splitlines()
    assert b"Accept: text/html" in head.splitlines()
    assert body == b"body"


def test_processor_time_of_ended_children_is_counted() -> None:
    before = cpu.tree_seconds(os.getpid())

    subprocess.run([sys.executable, "-c", BURN], check=True)

    assert cpu.tree_seconds(os.getpid()) - before >= 0.25
