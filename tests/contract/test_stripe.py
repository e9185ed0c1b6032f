"""What only Stripe has: its way to count, its errors, its objects."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import Money, exponent
from payments.providers.base import (
    Absent,
    FetchRequest,
    MethodDetails,
    Reference,
    Snapshot,
)
from payments.providers.errors import OutcomeUnknown, ProviderRejected, WebhookUnusable
from payments.providers.stripe.adapter import Stripe
from payments.providers.stripe.currencies import (
    CURRENCIES,
    TENS_ONLY,
    money_of,
    stripe_amount,
)
from payments.providers.stripe.parameters import page_ends_at
from payments.providers.stripe.snapshots import snapshot_of_intent, snapshot_of_session
from tests.contract import asking
from tests.contract.fake_stripe import FakeStripe

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def fake() -> Iterator[FakeStripe]:
    server = FakeStripe().start()
    yield server
    server.stop()


def test_what_a_keypad_gateway_had_charged_is_found_by_its_confirmation(fake: FakeStripe) -> None:
    """The charge was made by somebody else's software: it bears no id of ours."""
    stripe = Stripe(fake.credentials)
    made = fake.shelf.make(
        "pi",
        "payment_intent",
        amount=18_490,
        currency="eur",
        status="requires_payment_method",
        capture_method="automatic",
        setup_future_usage=None,
        metadata={},
        customer=None,
        payment_method=fake.shelf.make("pm", "payment_method", type="card")["id"],
        latest_charge=None,
        last_payment_error=None,
    )
    fake.till.charge(made, "")

    for name in (made["latest_charge"], made["id"]):
        found = stripe.fetch(FetchRequest("pat_1", (Reference("confirmation", name),)))
        assert isinstance(found, Snapshot)
        assert found.attempt.our_id == "pat_1"
        assert [one.amount for one in found.captures] == [asking.euros(18_490)]
    nothing = stripe.fetch(FetchRequest("pat_1", (Reference("confirmation", "ch_none"),)))
    assert isinstance(nothing, Absent)


def intent(**changes: Any) -> dict[str, Any]:
    charge = {
        "id": "ch_1",
        "object": "charge",
        "amount": 5_000,
        "amount_captured": 5_000,
        "captured": True,
        "created": 1_700_000_000,
        "currency": "eur",
        "status": "succeeded",
        "refunds": {"data": [], "has_more": False},
    }
    values: dict[str, Any] = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 5_000,
        "created": 1_700_000_000,
        "currency": "eur",
        "latest_charge": charge,
        "metadata": {"our_id": "pat_1"},
        "status": "succeeded",
    }
    return values | changes


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(1_234, "EUR"), 1_234),
        (Money(500, "JPY"), 500),
        (Money(5, "ISK"), 500),
        (Money(7, "UGX"), 700),
        (Money(300, "MGA"), 3),
        (Money(5_120, "KWD"), 5_120),
    ],
)
def test_amounts_are_as_stripe_documents_them(money: Money, amount: int) -> None:
    assert stripe_amount(money) == amount
    assert money_of(amount, money.currency.lower()) == money


@pytest.mark.parametrize("money", [Money(5_125, "KWD"), Money(1, "BHD"), Money(250, "MGA")])
def test_an_amount_stripe_cannot_say_is_rejected_before_it_is_sent(
    fake: FakeStripe, money: Money
) -> None:
    adapter = Stripe(fake.credentials)

    with pytest.raises(ProviderRejected) as rejected:
        adapter.create_checkout(asking.checkout(amount=money))

    assert rejected.value.code == "amount_too_fine"
    assert fake.requests == []


@given(st.sampled_from(sorted(CURRENCIES)), st.integers(min_value=1, max_value=10**10))
def test_every_amount_comes_back_as_it_went(currency: str, number: int) -> None:
    step = 100 if currency == "MGA" else 10 if currency in TENS_ONLY else 1
    money = Money(number * step, currency)

    assert money_of(stripe_amount(money), currency.lower()) == money
    assert exponent(currency) in {0, 2, 3}


def test_half_a_krona_from_stripe_is_not_guessed_at() -> None:
    with pytest.raises(OutcomeUnknown):
        snapshot_of_intent(intent(currency="isk", amount=550))


@pytest.mark.parametrize(
    "broken",
    [
        {"status": None},
        {"status": "new"},
        {"amount": "x"},
        {"id": None, "currency": 3},
        {"metadata": "text"},
    ],
)
def test_an_answer_of_another_shape_is_no_answer(broken: dict[str, Any]) -> None:
    with pytest.raises(OutcomeUnknown):
        snapshot_of_intent(intent(**broken))


@pytest.mark.parametrize("status", ["processing", "requires_action", "requires_confirmation"])
def test_a_payment_at_work_is_pending(status: str) -> None:
    snapshot = snapshot_of_intent(intent(status=status, latest_charge=None))

    assert snapshot.attempt.status == "pending"
    assert snapshot.captures == ()


def test_a_released_authorisation_is_a_cancellation_and_no_refund() -> None:
    charge = intent()["latest_charge"] | {
        "captured": False,
        "amount_captured": 0,
        "refunds": {
            "data": [
                {
                    "id": "re_1",
                    "amount": 5_000,
                    "currency": "eur",
                    "charge": "ch_1",
                    "created": 1_700_000_001,
                    "status": "succeeded",
                    "balance_transaction": None,
                }
            ]
        },
    }

    snapshot = snapshot_of_intent(intent(status="canceled", latest_charge=charge))

    assert snapshot.attempt.status == "authorised"
    assert [one.amount for one in snapshot.cancellations] == [asking.euros(5_000)]
    assert snapshot.refunds == ()


@pytest.mark.parametrize(
    ("said", "status", "amount"),
    [
        ("warning_needs_response", "needs_response", 0),
        ("warning_under_review", "under_review", 0),
        ("warning_closed", "won", 0),
        ("needs_response", "needs_response", 5_000),
        ("under_review", "under_review", 5_000),
        ("won", "won", 5_000),
        ("lost", "lost", 5_000),
    ],
)
def test_an_inquiry_takes_no_money(said: str, status: str, amount: int) -> None:
    dispute = {
        "id": "dp_1",
        "amount": 5_000,
        "currency": "eur",
        "charge": "ch_1",
        "created": 1_700_000_002,
        "reason": "fraudulent",
        "status": said,
    }

    snapshot = snapshot_of_intent(intent(), [dispute])

    assert [(one.status, one.amount.minor) for one in snapshot.disputes] == [(status, amount)]


def test_the_method_is_told_without_a_token_unless_it_was_saved() -> None:
    method = {
        "id": "pm_1",
        "type": "card",
        "card": {"brand": "visa", "last4": "4242", "exp_month": 8, "exp_year": 2034},
    }
    once = snapshot_of_intent(intent(payment_method=method, customer="cus_1"))
    kept = snapshot_of_intent(
        intent(payment_method=method, customer="cus_1", setup_future_usage="off_session")
    )

    assert once.method == MethodDetails("card", "visa", "4242", "08/34")
    assert kept.method == MethodDetails("card", "visa", "4242", "08/34", "pm_1", "cus_1")


def test_an_expired_page_whose_intent_was_canceled_is_expired() -> None:
    session = {
        "id": "cs_1",
        "status": "expired",
        "url": None,
        "payment_intent": intent(status="canceled", latest_charge=None),
    }

    assert snapshot_of_session(session).attempt.status == "expired"


def test_a_page_never_ends_before_our_own() -> None:
    now = datetime.fromtimestamp(int(time.time()), UTC)
    soon, later = now + timedelta(minutes=1), now + timedelta(days=3)

    assert (page_ends_at(soon) or 0) > (now + timedelta(minutes=30)).timestamp()
    assert page_ends_at(soon) == page_ends_at(soon)
    assert page_ends_at(later) is None


def test_every_change_carries_its_key_and_our_id(fake: FakeStripe) -> None:
    adapter = Stripe(fake.credentials)
    opened = adapter.create_checkout(asking.checkout(attempt_id="pat_1", key="key-1"))
    fake.pay(next(one.value for one in opened.attempt.references))
    found = read_again(adapter, opened)
    adapter.refund(asking.refund(found, 100, refund_id="rfd_1", key="key-2"))

    changes = [one for one in fake.requests if one.method == "POST"]

    assert [one.key for one in changes] == ["key-1", "key-2"]
    assert changes[0].data["client_reference_id"] == "pat_1"
    assert changes[0].data["payment_intent_data"]["metadata"]["our_id"] == "pat_1"
    assert changes[1].data["metadata"]["our_id"] == "rfd_1"


def test_why_a_refund_was_made_stays_with_us(fake: FakeStripe) -> None:
    adapter = Stripe(fake.credentials)
    opened = adapter.create_checkout(asking.checkout())
    fake.pay(next(one.value for one in opened.attempt.references))
    secret = "Matti Meikäläinen was ill"

    adapter.refund(asking.refund(read_again(adapter, opened), 100, reason=secret))

    assert not re.search("Matti", str(fake.requests))


def test_nothing_can_be_refunded_before_anything_was_paid(fake: FakeStripe) -> None:
    adapter = Stripe(fake.credentials)
    paid = snapshot_of_intent(intent())
    opened = adapter.create_checkout(asking.checkout())

    with pytest.raises(ProviderRejected):
        adapter.refund(asking.refund(paid, 100, references=opened.attempt.references))

    assert len(fake.requests) == 1


def test_events_about_other_things_are_unusable(fake: FakeStripe) -> None:
    body, headers = fake.delivery("customer.created", {"id": "cus_1", "object": "customer"})

    with pytest.raises(WebhookUnusable) as unusable:
        Stripe(fake.credentials).parse_webhook(body, headers)

    assert unusable.value.event_id.startswith("evt_")


def test_a_refunds_own_metadata_is_not_taken_for_the_attempts(fake: FakeStripe) -> None:
    refund = {
        "id": "re_1",
        "object": "refund",
        "charge": "ch_1",
        "payment_intent": "pi_1",
        "metadata": {"our_id": "rfd_1"},
    }
    body, headers = fake.delivery("refund.created", refund)

    notice = Stripe(fake.credentials).parse_webhook(body, headers)

    assert notice.our_id == ""
    assert {one.kind for one in notice.references} == {"payment_intent", "charge"}


def read_again(adapter: Stripe, snapshot: Snapshot) -> Snapshot:
    found = adapter.fetch(FetchRequest(snapshot.attempt.our_id, snapshot.attempt.references))
    assert isinstance(found, Snapshot)
    return found
