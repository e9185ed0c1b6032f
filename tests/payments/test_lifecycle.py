"""The join: order, repetition and source of facts cannot matter."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.lifecycle import (
    RANKS,
    AttemptFigures,
    Fact,
    ImpossibleFact,
    IntentFigures,
    intent_status,
    join,
    join_subject,
)

KINDS = sorted(RANKS)


@st.composite
def facts(draw: st.DrawFn, kind: str | None = None, subject: str | None = None) -> Fact:
    chosen = kind or draw(st.sampled_from(KINDS))
    return Fact(
        kind=chosen,
        subject=subject or draw(st.sampled_from(["a", "b"])),
        status=draw(st.sampled_from(sorted(RANKS[chosen]))),
        amount=draw(st.integers(0, 5)),
        currency=draw(st.sampled_from(["EUR", "SEK"])),
        version=draw(st.none() | st.integers(1, 4)),
        source=draw(st.sampled_from(["api", "webhook", "poll", "operator"])),
    )


@given(st.lists(facts(), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_facts_cannot_matter(heard: list[Fact], random: object) -> None:
    shuffled = list(heard)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert join(shuffled) == join(heard)


@given(st.lists(facts(), min_size=1, max_size=6), st.lists(st.integers(0, 5), max_size=6))
def test_repeating_facts_cannot_matter(heard: list[Fact], repeats: list[int]) -> None:
    repeated = heard + [heard[i % len(heard)] for i in repeats]

    assert join(repeated) == join(heard)


@pytest.mark.parametrize("kind", KINDS)
def test_every_order_of_every_status_ends_the_same(kind: str) -> None:
    heard = [Fact(kind, "a", status, 5, "EUR") for status in RANKS[kind]][:6]

    ends = {join_subject(order) for order in permutations(heard)}

    assert len(ends) == 1


def test_created_authorised_captured_refunded_in_all_24_orders() -> None:
    heard = [
        Fact("attempt", "pa", "pending", 0, "EUR"),
        Fact("attempt", "pa", "authorised", 100, "EUR"),
        Fact("capture", "cap", "succeeded", 100, "EUR"),
        Fact("refund", "re", "succeeded", 40, "EUR"),
    ]

    ends = {
        tuple(sorted(join(order).items())[i][1] for i in range(3)) for order in permutations(heard)
    }

    assert len(ends) == 1


def test_the_highest_version_wins_over_a_higher_rank() -> None:
    old = Fact("capture", "cap", "succeeded", 100, "EUR", version=1)
    new = Fact("capture", "cap", "pending", 60, "EUR", version=2)

    assert join_subject([old, new]).amount == 60


def test_an_unversioned_fact_competes_with_the_newest_version_by_rank() -> None:
    versioned = Fact("refund", "re", "pending", 50, "EUR", version=9)
    unversioned = Fact("refund", "re", "succeeded", 50, "EUR")

    assert join_subject([versioned, unversioned]).status == "succeeded"


def test_an_operator_counts_only_until_the_provider_is_final() -> None:
    decided = Fact("refund", "re", "not_executed", 0, "EUR", source="operator")
    heard = Fact("refund", "re", "pending", 50, "EUR")
    final = Fact("refund", "re", "succeeded", 50, "EUR")

    assert join_subject([decided, heard]).status == "not_executed"
    assert join_subject([decided, heard, final]).status == "succeeded"


def test_money_found_after_not_executed_counts() -> None:
    absent = Fact("attempt", "pa", "not_executed", 0, "EUR")
    found = Fact("attempt", "pa", "authorised", 100, "EUR")

    assert join_subject([found, absent]).counted == 100


@pytest.mark.parametrize(("kind", "status"), [("capture", "authorised"), ("intent", "succeeded")])
def test_impossible_facts_are_refused(kind: str, status: str) -> None:
    with pytest.raises(ImpossibleFact):
        Fact(kind, "a", status, 1, "EUR")


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ImpossibleFact):
        Fact("capture", "a", "succeeded", -1, "EUR")


def figures(
    *attempts: AttemptFigures, captured: int = 0, capturable: int = 0, **values: bool
) -> IntentFigures:
    return IntentFigures(
        amount=100,
        captured=captured,
        capturable=capturable,
        is_canceled=values.get("is_canceled", False),
        attempts=attempts,
    )


PENDING_PAGE = AttemptFigures("pending", 0, 0, 0, waits_for_customer=True)
PENDING_CHARGE = AttemptFigures("pending", 0, 0, 0, waits_for_customer=False)
UNKNOWN = AttemptFigures("unknown", 0, 0, 0, waits_for_customer=True)
DECLINED = AttemptFigures("declined", 0, 0, 0, waits_for_customer=True)


@pytest.mark.parametrize(
    ("given_figures", "status"),
    [
        (figures(captured=100), "succeeded"),
        (figures(captured=120, is_canceled=True), "succeeded"),
        (figures(captured=30, capturable=70), "partially_paid"),
        (figures(capturable=100), "requires_capture"),
        (figures(UNKNOWN), "processing"),
        (figures(PENDING_PAGE, UNKNOWN), "processing"),
        (figures(PENDING_CHARGE), "processing"),
        (figures(PENDING_PAGE), "requires_action"),
        (figures(DECLINED, is_canceled=True), "canceled"),
        (figures(DECLINED), "requires_payment_method"),
        (figures(), "requires_payment_method"),
    ],
)
def test_the_first_status_that_holds(given_figures: IntentFigures, status: str) -> None:
    assert intent_status(given_figures) == status
