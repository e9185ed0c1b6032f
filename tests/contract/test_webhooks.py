"""Deliveries: whose word is taken, and what it is about."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from payments.providers.errors import WebhookForged, WebhookUnusable
from payments.providers.signatures import TOLERANCE_S
from tests.contract import asking
from tests.contract.signing import signed

if TYPE_CHECKING:
    from payments.providers.base import Snapshot
    from tests.contract.rigs import Delivery, Rig


@pytest.fixture(scope="module")
def delivered(started_rig: Rig) -> tuple[Snapshot, Delivery]:
    """A payment and a delivery about it; some providers take a second to send one."""
    paid = asking.charged(started_rig)
    return paid, started_rig.deliveries(paid)[0]


@pytest.fixture
def delivery(delivered: tuple[Snapshot, Delivery]) -> Delivery:
    return delivered[1]


def test_a_delivery_names_the_payment_and_our_attempt(
    rig: Rig, delivered: tuple[Snapshot, Delivery]
) -> None:
    paid, (body, headers) = delivered

    notice = rig.provider.parse_webhook(body, headers)

    assert notice.event_id
    assert notice.kind
    assert notice.our_id == paid.attempt.our_id
    assert set(notice.references) & set(paid.attempt.references)
    assert notice.snapshot is None


def test_a_body_that_was_changed_is_forged(rig: Rig, delivery: Delivery) -> None:
    body, headers = delivery

    with pytest.raises(WebhookForged):
        rig.provider.parse_webhook(body.replace(b"1", b"2", 1), headers)


def test_a_delivery_without_a_signature_is_forged(rig: Rig, delivery: Delivery) -> None:
    body, _ = delivery

    with pytest.raises(WebhookForged):
        rig.provider.parse_webhook(body, {})


@pytest.mark.parametrize("header", ["", "t=,v1=", "v1=00", "t=1,v1=é", "nonsense", "t=1", "=,=,="])
def test_a_signature_that_is_none_is_forged(rig: Rig, delivery: Delivery, header: str) -> None:
    names = delivery[1]
    headers = {name: header if "signature" in name else value for name, value in names.items()}

    with pytest.raises(WebhookForged):
        rig.provider.parse_webhook(b"{}", headers)


def test_an_account_without_a_secret_believes_nobody(rig: Rig, delivery: Delivery) -> None:
    body, headers = delivery

    with pytest.raises(WebhookForged):
        rig.adapter(webhook_secret="").parse_webhook(body, headers)


@pytest.mark.parametrize("off_s", [-TOLERANCE_S - 5, TOLERANCE_S + 5])
def test_a_signature_from_another_time_is_forged(rig: Rig, delivery: Delivery, off_s: int) -> None:
    body, headers = delivery
    secret = rig.provider.credentials["webhook_secret"]

    replayed = signed(headers, body, secret, at=int(time.time()) + off_s)

    with pytest.raises(WebhookForged):
        rig.provider.parse_webhook(body, replayed)


def test_one_good_signature_of_several_is_enough(rig: Rig, delivery: Delivery) -> None:
    body, headers = delivery
    name = next(one for one in headers if "signature" in one)
    rolled = {**headers, name: headers[name].replace(",v1=", ",v1=00,v1=", 1)}

    assert rig.provider.parse_webhook(body, rolled).event_id


@pytest.mark.parametrize("body", [b'{"id": "evt_1", "type": "ping"}', b"[]", b"not json", b"\xff"])
def test_a_signed_body_about_nothing_is_unusable(rig: Rig, delivery: Delivery, body: bytes) -> None:
    headers = delivery[1]
    secret = rig.provider.credentials["webhook_secret"]

    with pytest.raises(WebhookUnusable) as unusable:
        rig.provider.parse_webhook(body, signed(headers, body, secret))

    assert unusable.value.event_id
