"""A card keyed on the phone: heard by the gateway alone, charged when a person says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.models import AuditEvent
from crm.models import Call
from payments import errors
from payments.models import (
    CheckoutSession,
    Keypad,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderAccount,
    ProviderOperation,
)
from payments.registry import keypad_class
from payments.services import accounts, keypads
from payments.services.payment import Payment
from tests.factories import core as people
from tests.factories.calls import tell
from tests.factories.keypads import KeypadFactory, call_of
from tests.payments.keypad_play import CARD, Play
from tests.payments.test_keyed import nothing_is_asked
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from tests.sandbox.server import SandboxServer

__all__ = ["sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)

Recording = Call.Recording


@pytest.fixture
def play(sandbox: SandboxServer) -> Play:
    return Play(people.agent(), sandbox)


def test_a_card_is_keyed_field_by_field_and_charged_when_the_agent_says_so(play: Play) -> None:
    answer = play.begin()
    asked = play.panel.page()
    play.press("42424242")
    counted = play.panel.page()
    play.press("42424242#")
    play.press("1234#")
    play.press("123#")
    ready = play.panel.page()
    before = play.intent.status
    play.act("keypad/charge")

    assert answer.status_code == 200
    assert "Card number: waiting for the keypad…" in asked
    assert "Please key your card number on your phone" in asked
    assert "Card number: 8 digits" in counted
    assert "May I charge €184.90 to your card?" in ready
    assert before == "requires_action"
    assert play.intent.status == "succeeded"
    assert play.session.status == "paid"
    assert AuditEvent.objects.filter(action="checkout_session.charged").count() == 1


def test_the_rail_never_shows_more_than_a_count(play: Play) -> None:
    play.begin()
    play.key_all()
    play.act("keypad/charge")

    told = str(list(PaymentEvent.objects.values())) + play.panel.page()

    assert CARD not in told
    assert "424242" not in told


def test_a_mistake_is_told_and_asked_for_again(play: Play) -> None:
    play.begin()

    play.press("4000#")

    page = play.panel.page()
    assert "again card_number" in play.steps()
    assert play.steps()[-1] == "asked card_number"
    assert "That was not right yet. Please key the card number once more." in page


def test_after_three_mistakes_the_agent_says_how_to_go_on(play: Play) -> None:
    play.begin()
    for _ in range(3):
        play.press("12#")
    before = len(play.steps())

    page = play.panel.page()
    play.act("keypad/ask", field="card_number")

    assert "Card number: needs to be keyed again" in page
    assert play.steps()[before:] == ["asked_again card_number"]
    assert play.operation("ask").status == "done"


def test_the_agent_has_a_field_keyed_once_more(play: Play) -> None:
    play.begin()
    play.key_all()

    play.act("keypad/ask", field="expiry")
    waiting = play.panel.page()
    early = play.act("keypad/charge")
    play.press("1130#")

    assert "Month and year: waiting for the keypad…" in waiting
    assert early.status_code == 409
    assert "has not keyed everything yet" in early.content.decode()
    assert play.sandbox.effects(play.attempt.public_id) == []


def test_a_decline_is_told_and_the_keypad_can_be_used_again(play: Play) -> None:
    play.begin()
    play.key_all("4000000000009995")
    play.act("keypad/charge")
    declined = play.panel.page()

    play.act("keypad")
    play.key_all()
    play.act("keypad/charge")

    assert "Nothing was charged" in declined
    assert "Phone keypad again" in declined
    assert [one.status for one in PaymentAttempt.objects.order_by("pk")] == [
        "declined",
        "authorised",
    ]
    assert play.intent.status == "succeeded"
    assert CheckoutSession.objects.count() == 1


def test_twice_pressed_is_one_capture_and_one_charge(play: Play) -> None:
    fields = play.panel.fields(destination="", is_keypad="1")
    for _ in range(2):
        play.panel.post(f"/customers/{play.panel.customer.public_id}/pay/send/", fields)
    play.work()
    play.key_all()

    for _ in range(2):
        play.panel.act(play.intent, "keypad/charge")
    play.work()

    assert ProviderOperation.objects.filter(kind="push").count() == 1
    assert ProviderOperation.objects.filter(kind="confirm").count() == 1
    assert len(play.sandbox.effects(play.attempt.public_id, "capture")) == 1


@pytest.mark.parametrize(
    ("recording", "words"),
    [(Recording.ON, "Pause the recording first")],
)
def test_a_recording_that_runs_allows_it_not(
    sandbox: SandboxServer, recording: str, words: str
) -> None:
    play = Play(people.agent(), sandbox, recording=recording)

    answer = play.begin()

    assert answer.status_code == 409
    assert words in answer.content.decode()
    assert words in play.panel.page()
    assert nothing_is_asked()


def test_where_the_gateway_masks_the_digits_the_recording_may_run(play: Play) -> None:
    tell(play.call, "recording_resumed", 9)
    heard_by_twilio()

    answer = play.panel.take(destination="", is_keypad="1")

    assert answer.status_code == 200
    assert play.session.is_masked


def test_without_a_call_it_is_refused(sandbox: SandboxServer) -> None:
    play = Play(people.agent(), sandbox)
    tell(play.call, "ended", 20)

    assert play.begin().status_code == 409
    assert nothing_is_asked()


def test_a_call_of_another_telephone_system_has_no_keypad(sandbox: SandboxServer) -> None:
    play = Play(people.agent(), sandbox)
    Keypad.objects.all().delete()
    KeypadFactory.create(account=play.keypad.account)
    accounts.forget()

    answer = play.begin()

    assert answer.status_code == 409
    assert "cannot be heard on this call" in answer.content.decode()
    assert nothing_is_asked()


def test_without_a_keypad_it_is_not_offered(sandbox: SandboxServer) -> None:
    play = Play(people.agent(), sandbox)
    Keypad.objects.update(is_enabled=False)
    accounts.forget()

    assert "Phone keypad" not in play.panel.page()


def test_without_the_right_it_is_refused_and_not_offered(sandbox: SandboxServer) -> None:
    play = Play(people.finance(), sandbox)

    answer = play.begin()

    assert answer.status_code == 403
    assert "Phone keypad" not in play.panel.page()
    assert nothing_is_asked()


def test_the_end_of_the_call_turns_the_keypad_off(play: Play) -> None:
    play.begin()
    tell(play.call, "ended", 30)

    assert keypads.stop_ended() == 1
    play.work()

    assert play.attempt.status == "canceled"
    assert play.session.status == "closed"
    assert play.sandbox.payment(play.attempt.public_id)["status"] == "canceled"
    assert keypads.stop_ended() == 0


def test_the_end_of_the_call_does_not_stop_a_charge_that_was_asked_for(play: Play) -> None:
    play.begin()
    play.key_all()
    play.panel.act(play.intent, "keypad/charge")
    tell(play.call, "ended", 30)

    keypads.stop_ended()
    play.work()

    assert not ProviderOperation.objects.filter(kind="close_session").exists()
    assert play.intent.status == "succeeded"
    assert play.session.status == "paid"


def test_another_way_waits_for_a_charge_that_was_asked_for(play: Play) -> None:
    play.begin()
    play.key_all()
    play.panel.act(play.intent, "keypad/charge")

    answer = play.panel.take(replaces_open_page="1")

    assert answer.status_code == 409
    assert CheckoutSession.objects.count() == 1


def test_another_way_would_be_opened_beside_a_charge_without_that_guard(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.begin()
    play.key_all()
    play.panel.act(play.intent, "keypad/charge")
    monkeypatch.setattr(Payment, "is_being_charged", lambda *_: False)

    answer = play.panel.take(replaces_open_page="1")

    assert answer.status_code == 200
    assert CheckoutSession.objects.filter(status="open", kind="link").count() == 1


def test_a_link_takes_the_place_of_the_keypad(play: Play) -> None:
    play.begin()

    play.panel.take(replaces_open_page="1")
    play.work()

    first, link = CheckoutSession.objects.order_by("pk")
    assert (first.kind, first.status, link.kind, link.status) == (
        "keypad",
        "closed",
        "link",
        "open",
    )


def test_the_keypad_is_off_when_the_payment_is_called_off(play: Play) -> None:
    play.begin()

    play.act("cancel")

    assert play.intent.status == "canceled"
    assert play.sandbox.payment(play.attempt.public_id)["status"] == "canceled"


def test_another_agents_call_cannot_charge(play: Play) -> None:
    play.begin()
    play.key_all()
    other = people.agent()

    with pytest.raises(errors.NoCallOnRecord):
        keypads.charge(intent_id=play.intent.pk, actor=other)
    call_of(other)
    with pytest.raises(errors.NoKeypadOnCall):
        keypads.charge(intent_id=play.intent.pk, actor=other)

    assert not ProviderOperation.objects.filter(kind="confirm").exists()


def test_a_dialled_call_is_refused_where_the_gateway_would_hear_the_agent(
    play: Play,
) -> None:
    assert not keypad_class("twilio").manifest.hears_dialled_calls
    Call.objects.update(direction="outbound")
    heard_by_twilio()

    answer = play.panel.take(destination="", is_keypad="1")

    assert answer.status_code == 409
    assert not PaymentIntent.objects.exists()


def heard_by_twilio() -> None:
    Keypad.objects.update(kind="twilio")
    ProviderAccount.objects.update(kind="stripe")
    accounts.forget()
