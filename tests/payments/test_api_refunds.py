"""Refunds over the API, and reserved money that is taken."""

from __future__ import annotations

from typing import Any

import pytest

from core import policy
from core.models import Role
from payments.models import (
    Capture,
    PaymentAttempt,
    PaymentIntent,
    ProviderOperation,
    Refund,
)
from payments.models.events import Source
from payments.providers.base import SubjectKind
from payments.services.apply import apply_snapshot
from tests.api import Api
from tests.factories.payments import PaymentAttemptFactory, news, paid_capture, paid_snapshot
from tests.payments.owing import Owing

pytestmark = pytest.mark.django_db


@pytest.fixture
def owing() -> Owing:
    return Owing()


def refund(api: Api, of: Capture, amount: int = 1_000, **values: Any) -> Any:
    named = {"payment_intent": of.attempt.intent.public_id, "reason": "It was late."}
    return api.post("refunds", {**named, "amount": amount, **values})


def test_a_refund_is_reserved_and_will_be_sent(owing: Owing) -> None:
    capture = paid_capture(invoice=owing.invoice)

    answer = refund(owing.api, capture)

    row = Refund.objects.get()
    assert answer.status_code == 202
    assert (answer.data["id"], answer.data["status"]) == (row.public_id, "requested")
    assert answer.data["capture"] == capture.public_id
    assert ProviderOperation.objects.get(refund=row).status == "created"
    assert owing.api.get(f"refunds/{row.public_id}").data == answer.data


@pytest.mark.parametrize(
    ("amount", "values", "status", "code"),
    [
        (10_001, {}, 422, "refund_exceeds_capture"),
        (0, {}, 422, "invalid_input"),
        (1, {"reason": " "}, 422, "invalid_input"),
        (1, {"capture": "cap_nothing"}, 404, "not_found"),
        (1, {"payment_intent": "pi_nothing"}, 404, "not_found"),
    ],
)
def test_a_refund_that_cannot_be_is_not_reserved(
    owing: Owing, amount: int, values: dict[str, Any], status: int, code: str
) -> None:
    capture = paid_capture(invoice=owing.invoice)

    answer = refund(owing.api, capture, amount, **values)

    assert (answer.status_code, answer.data["code"]) == (status, code)
    assert not Refund.objects.exists()
    assert not ProviderOperation.objects.exists()


def test_a_key_is_held_to_the_limits_of_its_role(owing: Owing) -> None:
    capture = paid_capture(customer=owing.customer, amount=100_000)
    agent = Api(policy.VIEW_PAYMENT, policy.REFUND, role=Role.AGENT)

    too_much = refund(agent, capture, 10_001)
    for _ in range(5):
        assert refund(agent, capture, 10_000).data["status"] == "requested"
    too_often = refund(agent, capture, 1)

    assert [too_much.status_code, too_often.status_code] == [202, 202]
    assert [too_much.data["status"], too_often.data["status"]] == ["awaiting_approval"] * 2
    assert [too_much.data["above_limit"], too_often.data["above_limit"]] == [
        "per_refund",
        "per_day",
    ]
    assert ProviderOperation.objects.filter(kind="refund").count() == 5


def test_an_admins_key_refunds_nothing_whatever_its_scopes(owing: Owing) -> None:
    capture = paid_capture(invoice=owing.invoice)

    answer = refund(Api(*policy.Permission, role=Role.ADMIN), capture, 1)

    assert (answer.status_code, answer.data["code"]) == (403, "refund_above_limit")
    assert not Refund.objects.exists()


def test_nothing_is_refunded_while_an_answer_is_missing(owing: Owing) -> None:
    capture = paid_capture(invoice=owing.invoice)
    refund(owing.api, capture, 100)
    apply_snapshot(
        account=capture.attempt.account,
        snapshot=paid_snapshot(capture.attempt),
        source=Source.POLL,
    )
    ProviderOperation.objects.update(status="unknown")
    PaymentIntent.objects.update(blocked_by_unknown=True)

    answer = refund(owing.api, capture, 100)

    assert (answer.status_code, answer.data["code"]) == (409, "outcome_unknown")
    assert Refund.objects.count() == 1
    ProviderOperation.objects.update(status="created")
    PaymentIntent.objects.update(blocked_by_unknown=False)


def test_money_that_came_twice_is_refunded_by_name(owing: Owing) -> None:
    capture = paid_capture(invoice=owing.invoice)
    attempt = capture.attempt
    second = news(SubjectKind.CAPTURE, "succeeded", 500, f"again-{attempt.public_id}")
    snapshot = paid_snapshot(attempt)
    apply_snapshot(
        account=attempt.account,
        snapshot=type(snapshot)(attempt=snapshot.attempt, captures=(*snapshot.captures, second)),
        source=Source.POLL,
    )
    extra = Capture.objects.exclude(pk=capture.pk).get()

    unnamed = refund(owing.api, capture, 500)
    named = refund(owing.api, capture, 500, capture=extra.public_id)

    assert (unnamed.status_code, unnamed.data["code"]) == (422, "capture_not_named")
    assert named.status_code == 202
    assert Refund.objects.get().capture == extra


def reserved(owing: Owing) -> PaymentAttempt:
    """Reserve, and do not take, what the customer owes."""
    intent = owing.intent(capture_method="manual")
    attempt = PaymentAttemptFactory.create(session__intent=intent, intent=intent)
    snapshot = paid_snapshot(attempt)
    apply_snapshot(
        account=attempt.account,
        snapshot=type(snapshot)(attempt=snapshot.attempt),
        source=Source.WEBHOOK,
    )
    return attempt


@pytest.mark.parametrize(("body", "taken"), [({}, 10_000), ({"amount": 6_000}, 6_000)])
def test_reserved_money_is_taken_in_part_or_whole(
    owing: Owing, body: dict[str, Any], taken: int
) -> None:
    intent = reserved(owing).intent
    path = f"payment-intents/{intent.public_id}/capture"

    first = owing.api.post(path, body, key="k1")
    again = owing.api.post(path, body, key="k1")

    assert (first.status_code, again.status_code) == (202, 200)
    assert first.data["status"] == "requires_capture"
    assert Capture.objects.get().amount == taken
    assert ProviderOperation.objects.get().kind == ProviderOperation.Kind.CAPTURE


def test_no_more_is_taken_than_is_reserved(owing: Owing) -> None:
    intent = reserved(owing).intent
    unreserved = owing.intent()

    too_much = owing.api.post(f"payment-intents/{intent.public_id}/capture", {"amount": 10_001})
    nothing = owing.api.post(f"payment-intents/{unreserved.public_id}/capture")
    nobody = owing.api.post("payment-intents/pi_nothing/capture")

    assert too_much.data["code"] == nothing.data["code"] == "capture_exceeds_authorised"
    assert nobody.status_code == 404
    assert not Capture.objects.exists()


def test_what_was_never_paid_has_nothing_to_give_back(owing: Owing) -> None:
    intent = owing.intent()

    answer = owing.api.post(
        "refunds", {"payment_intent": intent.public_id, "amount": 1, "reason": "early"}
    )

    assert (answer.status_code, answer.data["code"]) == (422, "refund_exceeds_capture")
    assert not Refund.objects.exists()
