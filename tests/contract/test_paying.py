"""Taking money, by a hosted page and by a saved method, at every provider alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from core.money import Money
from payments.lifecycle import RANKS
from payments.providers.base import (
    Absent,
    Capability,
    Entry,
    FetchRequest,
    Snapshot,
    SubjectKind,
)
from payments.providers.errors import ProviderRejected
from tests.contract import asking
from tests.contract.asking import euros

if TYPE_CHECKING:
    from tests.contract.rigs import Rig


def test_a_hosted_page_is_pending_and_names_our_attempt(rig: Rig) -> None:
    rig.needs("page")
    request = asking.checkout()

    snapshot = rig.provider.create_checkout(request)

    assert snapshot.attempt.status == "pending"
    assert snapshot.attempt.our_id == request.attempt_id
    assert snapshot.attempt.amount == euros(5_000)
    assert snapshot.attempt.references
    assert snapshot.captures == ()
    assert snapshot.page is not None
    assert snapshot.page.url.startswith("http")
    assert snapshot.page.expires_at is not None
    assert snapshot.page.expires_at >= request.expires_at - timedelta(seconds=1)


def test_a_paid_page_is_authorised_and_captured_once(rig: Rig) -> None:
    rig.needs("page")

    snapshot = asking.paid_page(rig)

    assert snapshot.attempt.status == "authorised"
    assert [(one.status, one.amount) for one in snapshot.captures] == [("succeeded", euros(5_000))]
    assert snapshot.method is not None
    assert (snapshot.method.method, snapshot.method.last4) == ("card", "4242")
    assert snapshot.method.token == ""


def test_a_card_can_be_keyed_where_the_manifest_says_so(rig: Rig) -> None:
    rig.needs("page")
    if Capability.MOTO not in rig.provider.manifest.capabilities:
        pytest.skip("no keyed cards at this provider")

    opened = rig.provider.create_checkout(asking.checkout(entry=Entry.KEYED))
    rig.pay(opened)

    assert asking.fetched(rig, opened).attempt.status == "authorised"


def test_a_decline_leaves_the_page_payable(rig: Rig) -> None:
    rig.needs("page")
    opened = rig.provider.create_checkout(asking.checkout())

    rig.pay(opened, decline=True)
    declined = asking.fetched(rig, opened)
    rig.pay(opened)
    paid = asking.fetched(rig, opened)

    assert declined.attempt.status == "pending"
    assert [one.code for one in declined.declines] == ["insufficient_funds"]
    assert declined.declines[0].reference
    assert declined.captures == ()
    assert paid.attempt.status == "authorised"
    assert len(paid.captures) == 1


def test_a_declined_page_read_by_the_payments_own_name_is_still_pending(rig: Rig) -> None:
    rig.needs("page")
    opened = rig.provider.create_checkout(asking.checkout())
    rig.pay(opened, decline=True)
    last = asking.fetched(rig, opened).attempt.references[-1:]

    found = rig.provider.fetch(FetchRequest(opened.attempt.our_id, last))

    assert isinstance(found, Snapshot)
    assert found.attempt.status == "pending"


def test_a_page_saves_the_method_when_asked_to(rig: Rig) -> None:
    rig.needs("page")

    snapshot = asking.paid_page(rig, save_method=True)

    assert snapshot.method is not None
    assert snapshot.method.token
    assert snapshot.method.customer_token


def test_a_saved_method_is_charged_at_once(rig: Rig) -> None:
    request = asking.charge(rig, amount=euros(1_234))

    snapshot = rig.provider.charge_saved_method(request)

    assert snapshot.attempt.status == "authorised"
    assert snapshot.attempt.our_id == request.attempt_id
    assert [one.amount for one in snapshot.captures] == [euros(1_234)]
    assert snapshot.captures[0].references


def test_a_declined_charge_is_an_answer_not_an_error(rig: Rig) -> None:
    request = asking.charge(rig, declines=True)

    snapshot = rig.provider.charge_saved_method(request)

    assert snapshot.attempt.status == "declined"
    assert snapshot.attempt.our_id == request.attempt_id
    assert snapshot.attempt.code
    assert snapshot.captures == ()


def test_reading_twice_says_the_same(rig: Rig) -> None:
    paid = asking.charged(rig)

    assert asking.fetched(rig, paid) == asking.fetched(rig, paid)


def test_every_status_is_one_the_join_knows(rig: Rig) -> None:
    paid = rig.provider.refund(asking.refund(asking.charged(rig), 100))

    for news in paid.news():
        assert news.status in RANKS[news.kind.value]
        assert news.references


def test_what_does_not_exist_is_absent(rig: Rig) -> None:
    rig.needs("search")

    found = rig.provider.fetch(FetchRequest(asking.new_id("pat"), ()))

    assert found == Absent()


def test_authorised_money_waits_to_be_captured(rig: Rig) -> None:
    rig.needs("page", "manual capture")
    held = asking.paid_page(rig, manual_capture=True)
    request = asking.capture(held, 5_000)

    captured = rig.provider.capture(request)

    assert held.attempt.status == "authorised"
    assert held.captures == ()
    assert [(one.our_id, one.amount) for one in captured.captures] == [
        (request.capture_id, euros(5_000))
    ]
    assert captured.refunds == ()


def test_what_the_manifest_calls_echoed_bears_our_id_in_every_read(rig: Rig) -> None:
    rig.needs("page", "manual capture")
    taken, let_go = (asking.paid_page(rig, manual_capture=True) for _ in range(2))
    capture, cancel = asking.capture(taken, 5_000), asking.cancel(let_go, 5_000)
    rig.provider.capture(capture)
    rig.provider.cancel(cancel)

    (captured,) = asking.fetched(rig, taken).captures
    (canceled,) = asking.fetched(rig, let_go).cancellations
    echoes = rig.provider.manifest.echoes

    assert (captured.our_id == capture.capture_id) >= (SubjectKind.CAPTURE in echoes)
    assert (canceled.our_id == cancel.cancellation_id) >= (SubjectKind.CANCELLATION in echoes)


def test_a_smaller_capture_lets_the_rest_go_or_leaves_it(rig: Rig) -> None:
    rig.needs("page", "manual capture")
    held = asking.paid_page(rig, manual_capture=True)

    captured = rig.provider.capture(asking.capture(held, 2_000))

    released = sum(one.amount.minor for one in captured.cancellations)
    assert [one.amount for one in captured.captures] == [euros(2_000)]
    assert captured.attempt.amount == euros(5_000)
    assert released in {0, 3_000}
    assert captured.refunds == ()


def test_more_than_is_authorised_cannot_be_captured(rig: Rig) -> None:
    rig.needs("page", "manual capture")
    held = asking.paid_page(rig, manual_capture=True)

    with pytest.raises(ProviderRejected) as rejected:
        rig.provider.capture(asking.capture(held, 5_001))

    assert rejected.value.code
    assert asking.fetched(rig, held).captures == ()


def test_an_authorisation_can_be_let_go(rig: Rig) -> None:
    rig.needs("page", "manual capture")
    held = asking.paid_page(rig, manual_capture=True)

    request = asking.cancel(held, 5_000)
    canceled = rig.provider.cancel(request)

    assert canceled.attempt.status == "authorised"
    assert [(one.our_id, one.status, one.amount) for one in canceled.cancellations] == [
        (request.cancellation_id, "succeeded", euros(5_000))
    ]
    assert canceled.captures == ()
    assert canceled.refunds == ()


def test_a_closed_page_is_final(rig: Rig) -> None:
    rig.needs("page")
    opened = rig.provider.create_checkout(asking.checkout())

    closed = rig.provider.close_checkout(asking.close(opened))

    assert closed.attempt.status in {"canceled", "expired"}
    assert asking.fetched(rig, opened).attempt.status == closed.attempt.status
    assert closed.captures == ()


def test_closing_a_paid_page_says_that_it_is_paid(rig: Rig) -> None:
    rig.needs("page")
    opened = rig.provider.create_checkout(asking.checkout())
    rig.pay(opened)

    closed = rig.provider.close_checkout(asking.close(opened))

    assert closed.attempt.status == "authorised"
    assert len(closed.captures) == 1


@pytest.mark.parametrize(
    "amount", [Money(500, "JPY"), Money(12_340, "KWD"), Money(700, "ISK"), Money(999, "SEK")]
)
def test_an_amount_survives_the_way_there_and_back(rig: Rig, amount: Money) -> None:
    paid = rig.provider.charge_saved_method(asking.charge(rig, amount=amount))

    assert paid.attempt.amount == amount
    assert [one.amount for one in paid.captures] == [amount]


def test_a_page_is_opened_in_any_of_the_languages_with_a_late_or_early_end(rig: Rig) -> None:
    rig.needs("page")
    now = datetime.now(UTC)

    for language, ends_at in (
        ("en", now + timedelta(minutes=5)),
        ("fi", now + timedelta(hours=23)),
        ("sv", now + timedelta(days=7)),
    ):
        request = asking.checkout(language=language, expires_at=ends_at)
        assert rig.provider.create_checkout(request).page is not None
