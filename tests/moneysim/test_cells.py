"""Every state of every subject, with every event that may come then, has one expected result."""

from __future__ import annotations

import pytest

from payments.lifecycle import RANKS, Fact, join_subject
from tests.moneysim.coverage import NEW, all_cells

# Later stands over earlier. Within a line the greater amount stands, then the later name.
STANDS_OVER = {
    "attempt": [
        ["unknown"],
        ["pending"],
        ["canceled", "declined", "expired", "not_executed"],
        ["authorised"],
    ],
    "capture": [["unknown"], ["pending"], ["not_executed"], ["succeeded"], ["failed"]],
    "cancellation": [["unknown"], ["pending"], ["not_executed"], ["failed"], ["succeeded"]],
    "refund": [
        ["unknown"],
        ["pending"],
        ["canceled", "not_executed"],
        ["succeeded"],
        ["failed"],
    ],
    "dispute": [["needs_response"], ["under_review"], ["lost"], ["won"]],
}
CELLS = [
    (kind, state, event)
    for kind, lines in STANDS_OVER.items()
    for state in [NEW, *(status for line in lines for status in line)]
    for event in (status for line in lines for status in line)
]


def place(kind: str, status: str) -> tuple[int, str]:
    lines = STANDS_OVER[kind]
    return next(at for at, line in enumerate(lines) if status in line), status


@pytest.mark.parametrize(("kind", "state", "event"), CELLS)
def test_a_cell_has_its_expected_result(kind: str, state: str, event: str) -> None:
    said = [status for status in (state, event) if status != NEW]
    facts = [Fact(kind, "one", status, 500, "EUR") for status in said]
    expected = max(said, key=lambda status: place(kind, status))

    assert join_subject(facts).status == expected
    assert join_subject(facts[::-1] * 2).status == expected


def test_no_cell_is_left_out() -> None:
    assert {f"{kind}: {state} + {event}" for kind, state, event in CELLS} == all_cells()
    assert {kind: len(ranks) for kind, ranks in RANKS.items()} == {
        kind: sum(map(len, lines)) for kind, lines in STANDS_OVER.items()
    }
