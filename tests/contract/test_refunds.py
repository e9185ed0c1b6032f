"""Giving money back, and money that is taken back, at every provider alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payments.providers.errors import ProviderRejected
from tests.contract import asking
from tests.contract.asking import euros

if TYPE_CHECKING:
    from tests.contract.rigs import Rig


def test_part_refunds_are_told_apart_by_our_ids(rig: Rig) -> None:
    paid = asking.charged(rig)
    first, second = asking.refund(paid, 1_000), asking.refund(paid, 500)

    rig.provider.refund(first)
    snapshot = rig.provider.refund(second)

    assert {one.our_id: one.amount for one in snapshot.refunds} == {
        first.refund_id: euros(1_000),
        second.refund_id: euros(500),
    }
    assert {one.status for one in snapshot.refunds} == {"succeeded"}
    assert asking.fetched(rig, paid).refunds == snapshot.refunds


def test_a_refund_names_the_capture_it_takes_from(rig: Rig) -> None:
    paid = asking.charged(rig)

    snapshot = rig.provider.refund(asking.refund(paid, 1_000))

    assert snapshot.refunds[0].parent in paid.captures[0].references


def test_many_refunds_are_all_told(rig: Rig) -> None:
    paid = asking.charged(rig)

    for _ in range(12):
        rig.provider.refund(asking.refund(paid, 10))

    assert len(asking.fetched(rig, paid).refunds) == 12


def test_no_more_is_refunded_than_was_captured(rig: Rig) -> None:
    rig.needs("over-refund")
    paid = asking.charged(rig)
    rig.provider.refund(asking.refund(paid, 4_000))

    with pytest.raises(ProviderRejected) as rejected:
        rig.provider.refund(asking.refund(paid, 1_001))

    assert rejected.value.code
    assert len(asking.fetched(rig, paid).refunds) == 1


def test_a_refund_made_at_the_provider_is_seen_without_our_id(rig: Rig) -> None:
    rig.needs("refund elsewhere")
    paid = asking.charged(rig)

    rig.refund_elsewhere(paid, 700)

    assert [(one.our_id, one.amount) for one in asking.fetched(rig, paid).refunds] == [
        ("", euros(700))
    ]


def test_a_dispute_takes_the_money_and_ends(rig: Rig) -> None:
    rig.needs("disputes")
    paid = asking.charged(rig)

    rig.dispute(paid)
    opened = asking.fetched(rig, paid).disputes
    rig.lose_dispute(paid)
    lost = asking.fetched(rig, paid).disputes

    assert [(one.status, one.amount) for one in opened] == [("needs_response", euros(5_000))]
    assert opened[0].parent in paid.captures[0].references
    assert opened[0].reason
    assert [one.status for one in lost] == ["lost"]
    assert lost[0].references == opened[0].references


def test_versions_never_go_back(rig: Rig) -> None:
    rig.needs("disputes")
    paid = asking.charged(rig)
    rig.dispute(paid)
    before = asking.fetched(rig, paid).disputes[0].version

    rig.lose_dispute(paid)
    after = asking.fetched(rig, paid).disputes[0].version

    assert (before is None and after is None) or (before or 0) < (after or 0)
