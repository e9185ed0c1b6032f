"""The faults: what the merchant sees, and what really happened."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest

from payments.sandbox.faults import REQUEST_FAULTS, Faults
from payments.sandbox.ledger import Refused
from payments.sandbox.webhooks import sign
from tests.contract.inbox import Inbox

if TYPE_CHECKING:
    from tests.sandbox.conftest import Merchant
    from tests.sandbox.server import SandboxServer

WAIT_S = 0.5


@pytest.mark.parametrize(
    ("fault", "status", "effects"),
    [
        ("delay", 201, 1),
        ("slow_read", 201, 1),
        ("error_before", 500, 0),
        ("error_after", 500, 1),
        ("unavailable", 429, 0),
        ("garbled", 200, 1),
    ],
)
def test_an_answer_goes_wrong(
    sandbox: SandboxServer, merchant: Merchant, fault: str, status: int, effects: int
) -> None:
    paid = merchant.paid()
    sandbox.faults(delay_s=0.05)
    sandbox.next_fault(fault, "refund")

    answer = merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 100})

    assert answer.status_code == status
    assert len(sandbox.effects(paid["our_id"], "refund")) == effects


@pytest.mark.parametrize(
    ("fault", "error", "effects"),
    [
        ("reset", httpx.ReadError, 1),
        ("reset_before", httpx.ReadError, 0),
        ("black_hole", httpx.ReadTimeout, 1),
        ("black_hole_before", httpx.ReadTimeout, 0),
    ],
)
def test_an_answer_never_comes(
    sandbox: SandboxServer,
    merchant: Merchant,
    fault: str,
    error: type[Exception],
    effects: int,
) -> None:
    paid = merchant.paid()
    sandbox.next_fault(fault, "refund")

    with pytest.raises(error):
        merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 100}, timeout=WAIT_S)

    assert len(sandbox.effects(paid["our_id"], "refund")) == effects


@pytest.mark.parametrize("fault", ["error_after", "reset", "black_hole", "garbled"])
def test_a_replay_after_a_lost_answer_does_it_once(
    sandbox: SandboxServer, merchant: Merchant, fault: str
) -> None:
    paid = merchant.paid()
    path = f"/payments/{paid['id']}/refunds"
    sandbox.next_fault(fault, "refund")
    with suppress(httpx.TransportError):
        merchant.post(path, {"amount": 100}, key=f"replay-{fault}", timeout=WAIT_S)

    replayed = merchant.post(path, {"amount": 100}, key=f"replay-{fault}")

    assert replayed.status_code == 201
    assert len(sandbox.effects(paid["our_id"], "refund")) == 1


def test_a_fault_waits_for_its_operation(sandbox: SandboxServer, merchant: Merchant) -> None:
    sandbox.next_fault("error_before", "refund")

    paid = merchant.paid()
    refused = merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 100})
    taken = merchant.post(f"/payments/{paid['id']}/refunds", {"amount": 100})

    assert (refused.status_code, taken.status_code) == (500, 201)


def test_a_fault_that_does_not_exist_is_refused(sandbox: SandboxServer) -> None:
    for wanted in (
        {"rates": {"flood": 1}},
        {"rates": {"reset": 2}},
        {"rates": {"dance.reset": 1}},
        {"next": [{"fault": "flood"}]},
        {"next": [{"flaw": "reset"}]},
        {"next": "reset"},
        {"delay_s": "long"},
    ):
        assert sandbox.http.post("/_faults", json=wanted).status_code == 400

    assert sandbox.http.get("/_faults").json()["rates"] == {}


def test_the_same_seed_goes_wrong_the_same_way() -> None:
    first, second = (Faults(rates={"reset": 0.3}, seed=7) for _ in range(2))

    drawn = [first.draw("refund") for _ in range(50)]

    assert drawn == [second.draw("refund") for _ in range(50)]
    assert set(drawn) == {"", "reset"}


def test_what_went_wrong_is_counted(sandbox: SandboxServer, merchant: Merchant) -> None:
    before = sandbox.http.get("/_faults").json()["drawn"].get("error_before", 0)
    sandbox.next_fault("error_before", "create")

    merchant.post("/checkouts", {"amount": 100, "currency": "EUR"})
    merchant.post("/checkouts", {"amount": 100, "currency": "EUR"})

    sandbox.clear_faults()
    assert sandbox.http.get("/_faults").json()["drawn"]["error_before"] == before + 1


def test_a_rate_may_be_for_one_operation_only() -> None:
    faults = Faults(rates={"refund.reset": 1})

    assert faults.draw("refund") == "reset"
    assert faults.draw("charge") == ""
    assert faults.draw_webhook() == ""


def test_a_bad_plan_changes_nothing() -> None:
    faults = Faults()

    with pytest.raises(Refused):
        faults.change({"rates": {"reset": 1, "flood": 1}})

    assert faults.rates == {}
    assert len(set(REQUEST_FAULTS)) == len(REQUEST_FAULTS)


def test_a_webhook_is_signed_over_its_raw_body(
    sandbox: SandboxServer, merchant: Merchant, inbox: Inbox
) -> None:
    paid = merchant.paid()

    body, headers = inbox.wait_for(f'"payment": "{paid["id"]}"'.encode())

    at = int(headers["sandbox-signature"].split(",")[0].removeprefix("t="))
    assert headers["sandbox-signature"] == sign(body, sandbox.credentials["webhook_secret"], at)
    assert abs(at - time.time()) < 5
    assert json.loads(body)["our_id"] == paid["our_id"]


def kinds(inbox: Inbox, payment_id: str) -> list[str]:
    bodies = [json.loads(body) for body, _ in list(inbox.received)]
    return [body["type"] for body in bodies if body["payment"] == payment_id]


def test_a_payment_tells_each_step(merchant: Merchant, inbox: Inbox) -> None:
    paid = merchant.paid()

    inbox.wait_for(b"capture.succeeded")
    inbox.wait_for(b"payment.authorised")

    assert sorted(kinds(inbox, paid["id"])) == ["capture.succeeded", "payment.authorised"]


def test_a_duplicate_comes_twice(sandbox: SandboxServer, merchant: Merchant, inbox: Inbox) -> None:
    sandbox.next_fault("webhook_duplicate", times=2)

    paid = merchant.paid()
    inbox.wait_for(b"capture.succeeded")
    time.sleep(0.3)

    assert Counter(kinds(inbox, paid["id"])) == {"payment.authorised": 2, "capture.succeeded": 2}


def test_a_dropped_webhook_never_comes(
    sandbox: SandboxServer, merchant: Merchant, inbox: Inbox
) -> None:
    sandbox.next_fault("webhook_drop", times=2)

    paid = merchant.paid()
    time.sleep(0.4)

    assert kinds(inbox, paid["id"]) == []
    assert {one["state"] for one in sandbox.deliveries(paid["id"])} == {"dropped"}


def test_a_late_webhook_comes_after_all(
    sandbox: SandboxServer, merchant: Merchant, inbox: Inbox
) -> None:
    sandbox.faults(delay_s=0.3)
    sandbox.next_fault("webhook_delay", times=2)
    began = time.monotonic()

    merchant.paid()
    inbox.wait_for(b"capture.succeeded")

    assert time.monotonic() - began >= 0.3


def test_a_badly_signed_webhook_is_sent_again_when_it_is_refused(
    sandbox: SandboxServer, merchant: Merchant, inbox: Inbox
) -> None:
    inbox.status = 400
    sandbox.next_fault("webhook_bad_signature", times=1)

    paid = merchant.paid()
    ends_at = time.monotonic() + 5
    while len(kinds(inbox, paid["id"])) < 4 and time.monotonic() < ends_at:
        time.sleep(0.05)
    inbox.status = 204

    signatures = {
        sign(body, sandbox.credentials["webhook_secret"], at) == headers["sandbox-signature"]
        for body, headers in inbox.received
        for at in [int(headers["sandbox-signature"].split(",")[0].removeprefix("t="))]
    }
    assert signatures == {True, False}


def test_a_stale_webhook_tells_of_the_past(
    sandbox: SandboxServer, merchant: Merchant, inbox: Inbox
) -> None:
    sandbox.next_fault("webhook_stale", times=2)

    paid = merchant.paid()
    body, _ = inbox.wait_for(b"capture.succeeded")

    assert json.loads(body)["status"] == "open"
    assert merchant.payment(paid)["status"] == "authorised"


def test_what_happened_while_nobody_listened_is_not_told(
    sandbox: SandboxServer, merchant: Merchant
) -> None:
    paid = merchant.paid()
    receiver = Inbox()

    sandbox.listen_at(receiver.url)
    time.sleep(0.3)
    receiver.stop()

    assert receiver.received == []
    assert {one["state"] for one in sandbox.deliveries(paid["id"])} == {"unheard"}
