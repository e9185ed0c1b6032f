"""What every keypad gateway must do alike, at the sandbox and at a small Twilio of our own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from core.money import EXPONENTS, Money
from payments.keypads.base import (
    CaptureAct,
    Delivery,
    Field,
    FindCapture,
    KeypadGateway,
    KeypadNews,
    Progress,
    StartCapture,
)
from payments.keypads.sandbox.adapter import SandboxKeypad
from payments.keypads.twilio.adapter import TwilioKeypad, major
from payments.providers.base import Absent, Snapshot
from payments.providers.errors import (
    OutcomeUnknown,
    ProviderRejected,
    ProviderUnavailable,
    WebhookForged,
)
from payments.registry import provider_class
from payments.sandbox.webhooks import sign
from tests.contract.asking import euros, new_id
from tests.contract.fake_twilio import CALL, FakeTwilio, signed
from tests.contract.rigs import NOT_PROVABLE
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.sandbox.server import SandboxServer

__all__ = ["sandbox", "sandbox_process"]

URL = "https://kuitti.example/webhooks/keypads/kpd_1/op_1/"


@dataclass
class Rig:
    """One gateway, and how it signs what it tells and goes wrong."""

    name: str
    gateway: KeypadGateway
    deliver: Callable[[str, dict[str, Any]], Delivery]
    fault: Callable[[str], None]


def twilio_rig(fake: FakeTwilio) -> Rig:
    def deliver(told: str, said: dict[str, Any]) -> Delivery:
        del told
        form = {key: str(value) for key, value in said.items()}
        return Delivery(URL, urlencode(form).encode(), signed(URL, form), datetime.now(UTC))

    def fault(name: str) -> None:
        fake.fault = name

    return Rig("twilio-fake", TwilioKeypad(fake.credentials, timeout_s=5), deliver, fault)


def sandbox_rig(server: SandboxServer) -> Rig:
    def deliver(told: str, said: dict[str, Any]) -> Delivery:
        body = json.dumps({"id": "evt", "type": f"keypad.{told}", "keypad": said}).encode()
        secret = server.credentials["webhook_secret"]
        at = datetime.now(UTC)
        return Delivery(
            URL, body, {"sandbox-signature": sign(body, secret, int(at.timestamp()))}, at
        )

    names = {"limit": "unavailable", "error": "error_after"}
    gateway = SandboxKeypad(server.credentials, timeout_s=5)
    return Rig(
        "sandbox", gateway, deliver, lambda name: server.next_fault(names.get(name, name), "push")
    )


@pytest.fixture
def fake() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


@pytest.fixture(params=["sandbox", "twilio-fake"])
def rig(request: pytest.FixtureRequest, fake: FakeTwilio, sandbox: SandboxServer) -> Rig:
    return sandbox_rig(sandbox) if request.param == "sandbox" else twilio_rig(fake)


def start() -> StartCapture:
    return StartCapture(
        key=new_id("key"),
        attempt_id=new_id("pat"),
        call=CALL,
        amount=euros(18_490),
        description="Lasku 20533",
        callback_url=URL,
    )


def act(rig: Rig, begun: StartCapture, snapshot: Snapshot, **changes: Any) -> CaptureAct:
    named = rig.gateway.manifest.names
    reference = next(one.value for one in snapshot.attempt.references if one.kind == named)
    values: dict[str, Any] = {
        "key": new_id("key"),
        "attempt_id": begun.attempt_id,
        "call": begun.call,
        "reference": reference,
        "amount": begun.amount,
        "callback_url": URL,
    }
    return CaptureAct(**(values | changes))


def find(begun: StartCapture, *, was_confirmed: bool = False) -> FindCapture:
    return FindCapture(begun.attempt_id, begun.call, "", begun.amount, was_confirmed)


def test_a_capture_begins_names_itself_and_has_charged_nothing(rig: Rig) -> None:
    begun = start()

    snapshot = rig.gateway.start(begun)

    assert snapshot.attempt.status == "pending"
    assert snapshot.attempt.our_id == begun.attempt_id
    assert rig.gateway.manifest.names in {one.kind for one in snapshot.attempt.references}
    assert snapshot.captures == ()


def test_the_same_key_begins_once(rig: Rig) -> None:
    begun = start()

    first, second = rig.gateway.start(begun), rig.gateway.start(begun)

    assert first.attempt.references == second.attempt.references


def test_every_field_can_be_asked_for_and_asked_for_again(rig: Rig) -> None:
    begun = start()
    snapshot = rig.gateway.start(begun)

    for field in (*rig.gateway.manifest.fields, rig.gateway.manifest.fields[0]):
        asked = rig.gateway.ask(act(rig, begun, snapshot, field=field))
        assert asked.attempt.status == "pending"


def test_a_capture_that_is_stopped_is_cancelled(rig: Rig) -> None:
    begun = start()
    snapshot = rig.gateway.start(begun)

    stopped = rig.gateway.cancel(act(rig, begun, snapshot))

    assert stopped.attempt.status == "canceled"
    with pytest.raises(ProviderRejected):
        rig.gateway.ask(act(rig, begun, snapshot, field=Field.EXPIRY))


def test_an_act_on_a_capture_that_was_never_named_is_refused(rig: Rig) -> None:
    begun = start()
    snapshot = rig.gateway.start(begun)

    with pytest.raises(ProviderRejected):
        rig.gateway.confirm(replace(act(rig, begun, snapshot), reference=""))


@pytest.mark.parametrize(
    ("fault", "error"),
    [("limit", ProviderUnavailable), ("error", OutcomeUnknown), ("garbled", OutcomeUnknown)],
)
def test_errors_are_sorted_by_whether_the_customer_may_have_been_reached(
    rig: Rig, fault: str, error: type[Exception]
) -> None:
    rig.fault(fault)

    with pytest.raises(error):
        rig.gateway.start(start())


def test_a_gateway_that_is_not_there_is_unavailable(rig: Rig) -> None:
    nowhere = {"base_url": "http://127.0.0.1:9", "api_base": "http://127.0.0.1:9"}
    gateway = type(rig.gateway)({**rig.gateway.credentials, **nowhere}, timeout_s=2)

    with pytest.raises(ProviderUnavailable):
        gateway.start(start())


def test_a_lost_start_is_found_or_said_to_be_unknown(rig: Rig) -> None:
    begun = start()
    rig.gateway.start(begun)

    if rig.name == "twilio-fake":
        NOT_PROVABLE[rig.name, "a lost start is found"] = "Twilio shows no payment sessions"
        with pytest.raises(OutcomeUnknown):
            rig.gateway.find(find(begun))
    else:
        found = rig.gateway.find(find(begun))
        assert isinstance(found, Snapshot)
        assert found.attempt.our_id == begun.attempt_id
        assert isinstance(rig.gateway.find(find(start())), Absent)


def test_what_is_not_signed_by_the_gateway_is_forged(rig: Rig) -> None:
    delivery = rig.deliver("digits", {"Capture": "security-code", "field": "expiry"})

    for headers in ({}, dict.fromkeys(delivery.headers, "x")):
        with pytest.raises(WebhookForged):
            rig.gateway.parse(replace(delivery, headers=headers))
    with pytest.raises(WebhookForged):
        rig.gateway.parse(replace(delivery, body=delivery.body + b"&a=b"))


def test_the_manifest_is_whole(rig: Rig) -> None:
    manifest = rig.gateway.manifest

    assert manifest.fields
    assert manifest.longest_request_s >= rig.gateway.timeout_s
    assert all(provider_class(kind).manifest.kind == kind for kind in manifest.charges_at)
    assert set(manifest.credentials) <= set(rig.gateway.credentials)


@pytest.mark.parametrize(
    ("said", "news"),
    [
        (
            {
                "Capture": "payment-card-number",
                "PartialResult": "true",
                "PaymentCardNumber": "xxxxxx",
            },
            KeypadNews(Progress.DIGITS, Field.CARD_NUMBER, digits=6),
        ),
        (
            {
                "Capture": "payment-card-number",
                "PartialResult": "false",
                "PaymentCardNumber": "xxxxxxxxxxxx4242",
                "Required": "expiration-date security-code",
            },
            KeypadNews(Progress.ENTERED, Field.CARD_NUMBER, digits=16),
        ),
        (
            {"Capture": "expiration-date", "ErrorType": "invalid-date", "PartialResult": "true"},
            KeypadNews(Progress.AGAIN, Field.EXPIRY, code="invalid_date"),
        ),
        (
            {"Capture": "security-code", "ErrorType": "timeout"},
            KeypadNews(Progress.AGAIN, Field.SECURITY_CODE, code="timeout"),
        ),
        (
            {"Capture": "security-code", "ErrorType": "something-new"},
            KeypadNews(Progress.AGAIN, Field.SECURITY_CODE),
        ),
        (
            {
                "Result": "success",
                "PaymentConfirmationCode": "ch_3PabcdEFGH1234",
                "PaymentCardNumber": "xxxxxxxxxxxx4242",
                "PaymentCardType": "visa",
            },
            KeypadNews(
                Progress.CHARGED, confirmation="ch_3PabcdEFGH1234", last4="4242", brand="visa"
            ),
        ),
        (
            {"Result": "payment-connector-error", "PayErrorCode": "64018"},
            KeypadNews(Progress.DECLINED, code="connector_error"),
        ),
        (
            {"Result": "success", "PaymentConfirmationCode": "4111111111111111"},
            KeypadNews(Progress.CHARGED),
        ),
        ({"Result": "caller-hung-up"}, KeypadNews(Progress.ENDED)),
        ({"CallSid": CALL}, None),
    ],
)
def test_twilios_words_are_read_without_a_digit(
    fake: FakeTwilio, said: dict[str, str], news: KeypadNews | None
) -> None:
    rig = twilio_rig(fake)

    assert rig.gateway.parse(rig.deliver("", said)) == news


def test_twilio_is_asked_as_its_description_says(fake: FakeTwilio) -> None:
    rig, begun = twilio_rig(fake), start()
    snapshot = rig.gateway.start(begun)
    rig.gateway.ask(act(rig, begun, snapshot, field=Field.EXPIRY))
    rig.gateway.confirm(act(rig, begun, snapshot))

    (_, place, first), (_, asked, second), (_, _, third) = fake.requests
    assert place.endswith(f"/Calls/{CALL}/Payments.json")
    assert "/Payments/PK" in asked
    assert (first["ChargeAmount"], first["Currency"]) == ("184.90", "eur")
    assert first["PaymentConnector"] == "Stripe_Test"
    assert second["Capture"] == "expiration-date"
    assert third["Status"] == "complete"
    assert len({first["IdempotencyKey"], second["IdempotencyKey"], third["IdempotencyKey"]}) == 3


def test_with_the_call_ends_every_session_whose_charge_was_not_asked_for(fake: FakeTwilio) -> None:
    rig, begun = twilio_rig(fake), start()
    rig.gateway.start(begun)
    fake.call_status = "completed"

    found = rig.gateway.find(find(begun))

    assert isinstance(found, Snapshot)
    assert found.attempt.status == "canceled"
    with pytest.raises(OutcomeUnknown):
        rig.gateway.find(find(begun, was_confirmed=True))


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (18_490, "EUR", "184.90"),
        (5, "EUR", "0.05"),
        (1_500, "JPY", "1500"),
        (1_234, "KWD", "1.234"),
    ],
)
def test_amounts_are_written_in_whole_units(minor: int, currency: str, written: str) -> None:
    assert currency in EXPONENTS
    assert major(Money(minor, currency)) == written
