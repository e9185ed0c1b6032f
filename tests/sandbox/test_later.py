"""What comes after a payment: saved methods, late refunds, expiry, disputes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Merchant
    from tests.sandbox.server import SandboxServer

ORDER = {"our_id": "pat", "amount": 100, "currency": "EUR"}


def until(found: Any, wanted: Any, within_s: float = 5) -> None:
    """Wait for something to come true."""
    ends_at = time.monotonic() + within_s
    while time.monotonic() < ends_at:
        if found() == wanted:
            return
        time.sleep(0.05)
    assert found() == wanted


def test_a_saved_method_may_be_charged_later_only_by_its_owner(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    saved = merchant.paid(save_method=True)
    charge = ORDER | {"our_id": "pat_saved", "token": saved["token"]}

    stranger = merchant.post("/charges", charge | {"customer": "cus_other"})
    owner = merchant.post("/charges", charge | {"customer": saved["customer"]})

    assert stranger.status_code == 404
    assert owner.json()["status"] == "authorised"
    assert len(sandbox.effects("pat_saved", "authorisation")) == 1


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("4000000000000341", "card_declined"),
        ("4000002760003184", "authentication_required"),
        ("4000002500003155", ""),
    ],
)
def test_some_cards_pay_once_and_not_again(merchant: Merchant, card: str, code: str) -> None:
    saved = merchant.paid(card=card, save_method=True)
    charge = {"token": saved["token"], "customer": saved["customer"], "off_session": True}

    again = merchant.post("/charges", ORDER | charge).json()

    assert again["code"] == code
    assert again["status"] == ("declined" if code else "authorised")


def test_versions_grow_with_each_change(merchant: Merchant) -> None:
    opened = merchant.checkout()
    merchant.server.pay(opened["page_url"], card="4000000000005126")
    paid = merchant.payment(opened)
    refunded = merchant.post(f"/payments/{opened['id']}/refunds", {"amount": 100}).json()

    until(lambda: merchant.payment(opened)["refunds"][0]["status"], "failed")

    assert (opened["version"], paid["version"], refunded["version"]) == (1, 2, 2)
    assert merchant.payment(opened)["refunds"][0]["version"] == 2


def test_a_slow_refund_is_pending_first(merchant: Merchant) -> None:
    paid = merchant.paid(card="4000000000007726")

    refunded = merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 100}).json()

    assert refunded["refunds"][0]["status"] == "pending"
    until(lambda: merchant.payment(paid)["refunds"][0]["status"], "succeeded")


def test_a_page_expires_by_itself(merchant: Merchant) -> None:
    opened = merchant.checkout(expires_at=time.time() + 0.2)

    until(lambda: merchant.payment(opened)["status"], "expired")


def test_a_disputed_card_is_disputed_later_and_the_dispute_decided(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    paid = merchant.paid(card="4000000000000259")
    until(lambda: len(merchant.payment(paid)["disputes"]), 1)
    dispute = merchant.payment(paid)["disputes"][0]

    refused = merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 1})
    sandbox.close_dispute(paid["id"], dispute["id"], is_won=True)

    assert (dispute["status"], dispute["amount"]) == ("needs_response", 5_000)
    assert refused.json()["error"]["code"] == "refund_exceeds_capture"
    assert merchant.payment(paid)["disputes"][0]["status"] == "won"
