"""The door for keypads: only what the gateway signed, once each, and never a digit of a card."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client

from crm.telephony.twilio import signature
from payments.models import PaymentEvent, ProviderAccount, ProviderReference
from payments.sandbox.webhooks import sign
from payments.services import accounts
from payments.services.payment import Payment
from tests.factories import core as people
from tests.payments.keypad_play import Play
from tests.payments.test_card_canary import CARDS, Door, assert_no_card_is_kept, heard
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from tests.sandbox.server import SandboxServer

__all__ = ["heard", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "auth token of a Twilio account"


@pytest.fixture
def play(sandbox: SandboxServer) -> Play:
    started = Play(people.agent(), sandbox)
    started.begin()
    return started


def address(play: Play, kind: str = "ask") -> str:
    return f"/webhooks/keypads/{play.keypad.public_id}/{play.operation(kind).public_id}/"


def say(play: Play, told: str, *, kind: str = "ask", secret: str = "", **keypad: Any) -> Any:
    """Let the sandbox's gateway tell something, signed as it signs."""
    body = json.dumps({"id": "evt", "type": f"keypad.{told}", "keypad": keypad}).encode()
    key = secret or play.keypad.credentials["webhook_secret"]
    headers = {"sandbox-signature": sign(body, key, int(time.time()))}
    return Client().post(
        address(play, kind), body, content_type="application/json", headers=headers
    )


def twilio(play: Play, **said: str) -> Any:
    """Let Twilio tell something of the same capture, signed as Twilio signs."""
    path = address(play)
    token = signature(settings.PUBLIC_URL + path, list(said.items()), TOKEN)
    return Client().post(
        path,
        urlencode(said),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": token},
    )


def by_twilio(play: Play) -> None:
    """Have Twilio hear the capture, and Stripe charge it."""
    play.keypad.kind = "twilio"
    play.keypad.credentials = {"account_sid": "AC", "auth_token": TOKEN, "connector": "Stripe"}
    play.keypad.save()
    ProviderAccount.objects.update(kind="stripe")
    accounts.forget()


def test_what_comes_twice_is_told_once_and_old_news_changes_nothing(play: Play) -> None:
    for _ in range(2):
        assert say(play, "digits", field="card_number", digits=4).status_code == 200
    before = play.steps()

    late = say(play, "entered", field="expiry", digits=4)

    assert before.count("digits card_number") == 1
    assert late.status_code == 200
    assert play.steps() == before


def test_what_is_forged_changes_nothing(play: Play) -> None:
    before = play.steps()

    forged = say(play, "entered", secret="another", field="card_number", digits=16)
    strange = say(play, "melted", field="card_number")
    unknown = Client().post("/webhooks/keypads/kpd_0/op_0/", b"{}", content_type="text/plain")

    assert (forged.status_code, strange.status_code, unknown.status_code) == (400, 422, 404)
    assert play.steps() == before


def test_too_large_a_body_is_refused(play: Play) -> None:
    body = b"x" * (settings.WEBHOOK_MAX_BYTES + 1)

    answer = Client().post(address(play), body, content_type="text/plain")

    assert answer.status_code == 413


def test_a_customer_who_leaves_turns_the_keypad_off(play: Play) -> None:
    say(play, "ended", field="card_number")

    assert play.attempt.status == "canceled"
    assert "The keypad is off. Nothing was charged" in play.panel.page()


def test_a_customer_who_leaves_after_the_charge_was_asked_for_changes_nothing(play: Play) -> None:
    play.key_all()
    play.panel.act(play.intent, "keypad/charge")

    say(play, "ended", field="")

    assert play.operation("confirm").status == "created"
    assert play.attempt.status == "pending"


def test_leaving_would_settle_a_charge_under_way_without_that_guard(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.key_all()
    play.panel.act(play.intent, "keypad/charge")
    monkeypatch.setattr(Payment, "is_being_charged", lambda *_: False)

    say(play, "ended", field="")

    assert play.attempt.status == "canceled"


def test_twilios_confirmation_is_read_at_the_payment_provider(play: Play) -> None:
    by_twilio(play)

    answer = twilio(play, Result="success", PaymentConfirmationCode="ch_3PabcdEFGH1234")

    found = ProviderReference.objects.get(kind="confirmation")
    assert answer.status_code == 200
    assert (found.reference, found.attempt) == ("ch_3PabcdEFGH1234", play.attempt)
    assert play.attempt.captured == 0


def test_no_field_of_a_callback_keeps_a_card(play: Play, heard: pytest.LogCaptureFixture) -> None:
    door = Door()
    for name in ("field", "digits", "code", "confirmation", "note"):
        for card in CARDS:
            door.noted(say(play, "digits", **{"field": "card_number", "digits": "4", name: card}))
            door.noted(say(play, "again", **{"field": "card_number", name: card}))
    by_twilio(play)
    whole = {
        "Capture": "payment-card-number",
        "PaymentCardNumber": "xxxxxxxxxxxx4242",
        "PartialResult": "true",
    }
    names = (
        *("PaymentCardNumber", "ExpirationDate", "SecurityCode", "PaymentCardPostalCode"),
        *("PaymentCardType", "PaymentConfirmationCode", "PaymentToken", "ProfileId", "ErrorType"),
        *("Result", "Capture", "Required", "CallSid", "Sid", "PartialResult", "PayErrorCode"),
    )
    for fields in door.tries(names, whole):
        door.noted(twilio(play, **{key: str(value) for key, value in fields.items()}))
        done = {"Result": "success", **fields}
        door.noted(twilio(play, **{key: str(value) for key, value in done.items()}))

    for card in CARDS:
        door.noted(twilio(play, Result="success", PaymentConfirmationCode=f"ch_{card}"))

    assert PaymentEvent.objects.filter(status="digits").exists()
    assert {200, 422} <= {answer.status_code for answer in door.answers}
    assert_no_card_is_kept(door, heard)
