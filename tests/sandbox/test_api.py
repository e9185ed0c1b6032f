"""The API: what it refuses, what it repeats, and what it never does twice."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.conftest import Merchant

ORDER = {"our_id": "pat", "amount": 100, "currency": "EUR"}


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer wrong", "Bearer é"])
def test_nothing_is_told_without_the_key(sandbox: SandboxServer, key: str) -> None:
    headers = {b"authorization": key.encode()}

    answer = sandbox.http.get("/v1/payments", headers=headers)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": 0}, "amount_invalid"),
        ({"amount": -5}, "amount_invalid"),
        ({"amount": 1.5}, "amount_invalid"),
        ({"amount": True}, "amount_invalid"),
        ({"amount": "100"}, "amount_invalid"),
        ({"currency": "eur"}, "currency_unsupported"),
        ({"method": "cheque"}, "method_unsupported"),
        ({"expires_at": "soon"}, "body_unreadable"),
    ],
)
def test_an_impossible_order_is_refused(
    sandbox: SandboxServer, merchant: Merchant, change: dict[str, Any], code: str
) -> None:
    before = len(sandbox.effects())

    answer = merchant.post("/checkouts", ORDER | change)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == code
    assert len(sandbox.effects()) == before


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b"\xff"])
def test_a_body_that_is_no_object_is_refused(sandbox: SandboxServer, body: bytes) -> None:
    headers = {"authorization": "Bearer sandbox-api-key", "idempotency-key": "unreadable"}

    answer = sandbox.http.post("/v1/checkouts", content=body, headers=headers)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "body_unreadable"


def test_a_change_without_a_key_is_refused(sandbox: SandboxServer) -> None:
    headers = {"authorization": "Bearer sandbox-api-key"}

    answer = sandbox.http.post("/v1/checkouts", json=ORDER, headers=headers)

    assert answer.json()["error"]["code"] == "key_missing"


def test_a_key_gives_the_first_answer_again(sandbox: SandboxServer, merchant: Merchant) -> None:
    paid = merchant.paid()
    path = f"/payments/{paid['id']}/refunds"

    first = merchant.post(path, {"amount": 100, "our_id": "rfd_1"}, key="same")
    again = merchant.post(path, {"amount": 100, "our_id": "rfd_1"}, key="same")

    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert len(sandbox.effects(paid["our_id"], "refund")) == 1


def test_a_key_with_another_body_is_refused(sandbox: SandboxServer, merchant: Merchant) -> None:
    paid = merchant.paid()
    path = f"/payments/{paid['id']}/refunds"
    merchant.post(path, {"amount": 100}, key="other-body")

    answer = merchant.post(path, {"amount": 101}, key="other-body")

    assert answer.status_code == 422
    assert len(sandbox.effects(paid["our_id"], "refund")) == 1


def test_a_key_in_flight_is_refused(sandbox: SandboxServer, merchant: Merchant) -> None:
    paid = merchant.paid()
    path = f"/payments/{paid['id']}/refunds"
    # Whichever comes first takes this long; the other meets it.
    sandbox.faults(delay_s=1.5)
    sandbox.next_fault("delay", "refund")

    with ThreadPoolExecutor(2) as pool:
        both = list(
            pool.map(lambda _: merchant.post(path, {"amount": 100}, key="in-flight"), range(2))
        )

    made, refused = sorted(both, key=lambda answer: answer.status_code)
    assert made.status_code == 201
    assert refused.json()["error"]["code"] == "key_in_flight"
    assert len(sandbox.effects(paid["our_id"], "refund")) == 1


def test_twenty_at_once_refund_once(sandbox: SandboxServer, merchant: Merchant) -> None:
    paid = merchant.paid()
    path = f"/payments/{paid['id']}/refunds"

    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: merchant.post(path, {"amount": 100}, key="twenty"), range(20))
        )

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len(sandbox.effects(paid["our_id"], "refund")) == 1


def test_no_more_is_refunded_than_is_left(sandbox: SandboxServer, merchant: Merchant) -> None:
    paid = merchant.paid()
    path = f"/payments/{paid['id']}/refunds"
    merchant.post(path, {"amount": 4_000})

    answer = merchant.post(path, {"amount": 1_001})

    assert answer.json()["error"]["code"] == "refund_exceeds_capture"
    assert sum(one["amount"] for one in sandbox.effects(paid["our_id"], "refund")) == 4_000


def test_an_unknown_payment_is_not_found(merchant: Merchant) -> None:
    assert merchant.get("/payments/pay_no").status_code == 404
    assert merchant.post("/payments/pay_no/refunds", {"amount": 1}).status_code == 404


def test_a_refund_is_found_by_the_merchants_id(merchant: Merchant) -> None:
    paid = merchant.paid()
    merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 100, "our_id": "rfd_find"})

    found = merchant.get("/refunds", our_id="rfd_find").json()["data"]

    assert [(one["our_id"], one["amount"], one["payment"]) for one in found] == [
        ("rfd_find", 100, paid["id"])
    ]
    assert merchant.get("/refunds", our_id="rfd_no").json()["data"] == []


def test_money_is_captured_in_parts_and_the_rest_let_go(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    held = merchant.paid(manual_capture=True)
    path = f"/payments/{held['id']}"

    merchant.post(f"{path}/captures", {"amount": 2_000, "our_id": "cap_1"})
    merchant.post(f"{path}/captures", {"amount": 1_000, "our_id": "cap_2"})
    too_much = merchant.post(f"{path}/captures", {"amount": 2_001})
    merchant.post(f"{path}/cancellations", {"our_id": "can_1"})
    nothing_left = merchant.post(f"{path}/captures", {"amount": 1})

    amounts = [(one["kind"], one["amount"]) for one in sandbox.effects(held["our_id"])]
    assert amounts == [
        ("authorisation", 5_000),
        ("capture", 2_000),
        ("capture", 1_000),
        ("cancellation", 2_000),
    ]
    assert too_much.json()["error"]["code"] == "capture_exceeds_authorisation"
    assert nothing_left.status_code == 400


def test_a_payout_holds_its_lines_and_the_file_adds_up(merchant: Merchant) -> None:
    paid = merchant.paid(currency="SEK")
    merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 1_000})

    payout = merchant.post("/payouts", {"currency": "SEK"}).json()["id"]
    again = merchant.post("/payouts", {"currency": "SEK"})
    rows = list(csv.DictReader(merchant.get(f"/payouts/{payout}/settlement.csv").text.splitlines()))

    amounts = {one["id"]: one["amount"] for one in merchant.get("/payouts").json()["data"]}
    assert [(row["kind"], row["amount"], row["fee"]) for row in rows] == [
        ("capture", "5000", "70"),
        ("refund", "-1000", "0"),
    ]
    assert amounts[payout] == sum(int(row["net"]) for row in rows) == 3_930
    assert again.status_code == 400


def test_the_account_is_told_page_by_page(merchant: Merchant) -> None:
    before = merchant.get("/balance_transactions").json()["data"]
    merchant.paid()

    after = merchant.get("/balance_transactions", after=str(before[-1]["seq"] if before else 0))

    assert [one["kind"] for one in after.json()["data"]] == ["capture"]
    assert after.json()["more"] is False


def test_a_sandbox_with_a_file_remembers_after_a_power_cut(tmp_path: Path) -> None:
    state = str(tmp_path / "state.sqlite3")
    first = SandboxServer(state=state).start()
    headers = {"authorization": "Bearer sandbox-api-key", "idempotency-key": "once"}
    opened = first.http.post("/v1/checkouts", json=ORDER, headers=headers).json()
    first.kill()
    first.http.close()

    second = SandboxServer(state=state, port=first.port).start()
    again = second.http.post("/v1/checkouts", json=ORDER, headers=headers).json()
    second.pay(opened["page_url"])
    effects = second.effects("pat", "capture")
    second.close()

    assert again["id"] == opened["id"]
    assert [one["amount"] for one in effects] == [100]


def test_it_says_that_it_is_well(sandbox: SandboxServer) -> None:
    assert sandbox.http.get("/healthz").json() == {"status": "ok"}
    assert isinstance(sandbox.http, httpx.Client)
