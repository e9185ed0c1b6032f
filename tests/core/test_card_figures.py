"""The card guard is wrong at most once in 10 000 numbers, and finds cards in every shape."""

from __future__ import annotations

import pytest

from tests.core.card_figures import CARDS, MOST_FALSE, NO_CARDS, PRICE, false_blocks, found

SOME = 1_000


@pytest.mark.parametrize("kind", NO_CARDS)
def test_at_most_one_in_10_000_is_taken_for_a_card(kind: str) -> None:
    assert false_blocks(NO_CARDS[kind]) <= MOST_FALSE


@pytest.mark.parametrize("shape", CARDS)
def test_every_card_is_found(shape: str) -> None:
    assert found(CARDS[shape], SOME) == SOME


def test_the_count_would_tell_of_too_many() -> None:
    """A reference that is not known to be ours cannot be told from a card."""
    assert false_blocks(PRICE["reference of somebody else"], known=False) > MOST_FALSE
