"""The provider's own back office."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.sandbox.conftest import Merchant
    from tests.sandbox.server import SandboxServer


def test_a_refund_made_here_has_no_id_of_the_merchants(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    paid = merchant.paid()

    sandbox.dashboard_refund(paid["id"], 700)

    refunds = merchant.payment(paid)["refunds"]
    assert [(one["amount"], one["our_id"], one["status"]) for one in refunds] == [
        (700, "", "succeeded")
    ]


@pytest.mark.parametrize("amount", [0, 5_001])
def test_an_impossible_refund_says_so_and_does_nothing(
    sandbox: SandboxServer, merchant: Merchant, amount: int
) -> None:
    paid = merchant.paid()

    answer = sandbox.http.post(
        f"/dashboard/payments/{paid['id']}/refund",
        data={"amount": str(amount)},
        follow_redirects=True,
    )

    assert 'role="alert"' in answer.text
    assert merchant.payment(paid)["refunds"] == []


def test_disputes_are_opened_and_decided_here(sandbox: SandboxServer, merchant: Merchant) -> None:
    paid = merchant.paid()

    sandbox.open_dispute(paid["id"])
    sandbox.open_dispute(paid["id"])
    disputes = merchant.payment(paid)["disputes"]
    sandbox.close_dispute(paid["id"], disputes[0]["id"], is_won=False)
    sandbox.close_dispute(paid["id"], disputes[0]["id"], is_won=True)

    assert len(disputes) == 1
    assert merchant.payment(paid)["disputes"][0]["status"] == "lost"


def test_the_page_shows_payments_with_what_can_be_done(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    paid = merchant.paid()

    shown = sandbox.http.get("/").text

    assert paid["id"] in shown
    assert f"/dashboard/payments/{paid['id']}/refund" in shown
    assert "<script" not in shown


def test_a_fault_is_switched_on_and_off(sandbox: SandboxServer) -> None:
    sandbox.http.post("/dashboard/faults", data={"fault": "webhook_drop"})
    on = sandbox.http.get("/_faults").json()["rates"]
    sandbox.http.post("/dashboard/faults", data={"fault": "webhook_drop"})

    assert on["webhook_drop"] > 0
    assert sandbox.http.get("/_faults").json()["rates"]["webhook_drop"] == 0


def test_a_payout_is_made_here(sandbox: SandboxServer, merchant: Merchant) -> None:
    merchant.paid(currency="NOK")

    sandbox.http.post("/dashboard/payouts", data={"currency": "NOK"})

    payouts = merchant.get("/payouts").json()["data"]
    assert [one["amount"] for one in payouts if one["currency"] == "NOK"] == [4_930]


@pytest.mark.parametrize("path", ["/dashboard/faults", "/dashboard/payouts"])
def test_another_site_switches_nothing(sandbox: SandboxServer, path: str) -> None:
    answer = sandbox.http.post(
        path,
        data={"fault": "reset", "currency": "EUR"},
        headers={"sec-fetch-site": "cross-site"},
    )

    assert answer.status_code == 403
    assert sandbox.http.get("/_faults").json()["rates"].get("reset", 0) == 0
