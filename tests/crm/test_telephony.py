"""What each adapter reads out of its system's own words, and how commands leave."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from core import pan, signatures
from crm.telephones import ADAPTERS
from crm.telephony import twilio
from crm.telephony.base import (
    CallNews,
    Command,
    CommandFailed,
    Delivery,
    Failure,
    NewsUnusable,
    Order,
)
from crm.telephony.generic import Generic, instant
from tests.crm.control_server import ControlServer
from tests.crm.exchanges import CALL_SID, LEG_SID, LINKED_ID, sign, sign_as_twilio
from tests.factories.calls import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db  # the card guard asks which numbers are our own

URL = "https://kuitti.example/webhooks/calls/tel_1/"
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
AGENT, CUSTOMER = "client:aino", "+358401234567"


@pytest.fixture
def control() -> Iterator[ControlServer]:
    with ControlServer() as server:
        yield server


def heard(kind: str, body: bytes, headers: dict[str, str]) -> list[CallNews]:
    adapter = ADAPTERS[kind]({"secret": SECRET})
    return adapter.parse(Delivery(URL, body, headers, NOW))


def generic(**said: Any) -> list[CallNews]:
    whole = {"call": "c1", "event": "held", "at": "2026-11-26T09:00:00+02:00", **said}
    body = json.dumps({name: value for name, value in whole.items() if value is not None}).encode()
    return heard("generic", body, {"kuitti-signature": sign(body, NOW.timestamp())})


def asterisk(event: str, **said: str) -> list[CallNews]:
    fields = {"Event": event, "Linkedid": LINKED_ID, "Timestamp": "1764147600.5", **said}
    body = json.dumps(fields).encode()
    return heard("asterisk", body, {"kuitti-signature": sign(body, NOW.timestamp())})


def from_twilio(**said: str) -> list[CallNews]:
    form = {"CallSid": CALL_SID, **said}
    headers = {"x-twilio-signature": sign_as_twilio(URL, form)}
    return heard("twilio", urlencode(form).encode(), headers)


def test_twilio_signs_as_its_own_documentation_shows() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+12349013030",
        "Digits": "1234",
        "From": "+12349013030",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"

    made = twilio.signature(url, list(form.items()), "12345")

    assert made == "0/KCTR6DLpKmkAf8muzZqo1nDgQ="


def test_an_instant_is_kept_in_utc_and_numbers_by_whose_they_are() -> None:
    (inbound,) = generic(direction="inbound", **{"from": CUSTOMER, "to": "09 1111111"})
    (outbound,) = generic(direction="outbound", **{"from": "09 1111111", "to": CUSTOMER})

    assert inbound.at == datetime(2026, 11, 26, 7, tzinfo=UTC)
    assert (inbound.their_number, outbound.their_number) == (CUSTOMER, CUSTOMER)


def test_an_instant_whose_digits_look_like_a_card_is_an_instant() -> None:
    at = "2026-11-26T09:57:03.000009+00:00"
    assert pan.looks_like_card(at)

    assert generic(at=at)[0].at.microsecond == 9


@pytest.mark.parametrize(
    "said",
    [
        {"event": "exploded"},
        {"call": ""},
        {"call": None},
        {"call": "x" * 121},
        {"call": "4111111111111111"},
        {"at": "yesterday"},
        {"at": "2026-11-26T09:00:00"},
        {"direction": "sideways"},
        {"extension": "no spaces allowed"},
        {"card": "x"},
        {"from": 358401234567},
    ],
)
def test_what_is_signed_but_cannot_be_understood_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(NewsUnusable):
        generic(**said)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'"x"'])
def test_a_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(NewsUnusable):
        heard("generic", body, {"kuitti-signature": sign(body, NOW.timestamp())})


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"CallStatus": "in-progress", "From": CUSTOMER, "To": "+3589"}, "ringing"),
        ({"CallStatus": "no-answer", "From": CUSTOMER, "To": "+3589"}, "ended"),
        (
            {
                "CallSid": LEG_SID,
                "ParentCallSid": CALL_SID,
                "To": CUSTOMER,
                "From": AGENT,
                "CallStatus": "busy",
            },
            "dial_failed",
        ),
        ({"RecordingStatus": "completed", "RecordingSid": "RE1"}, "recording_stopped"),
    ],
)
def test_twilio_tells_of_a_whole_call_by_its_legs(said: dict[str, str], kind: str) -> None:
    (news,) = from_twilio(**said)

    assert (news.external_id, news.kind) == (CALL_SID, kind)


def test_of_several_twilio_phones_one_that_does_not_answer_ends_nothing() -> None:
    leg = {"CallSid": LEG_SID, "ParentCallSid": CALL_SID, "To": AGENT, "From": CUSTOMER}

    assert from_twilio(**leg, CallStatus="no-answer") == []


def test_a_call_that_an_agent_makes_by_twilio_is_outgoing() -> None:
    leg = {"CallSid": LEG_SID, "ParentCallSid": CALL_SID, "To": CUSTOMER, "From": AGENT}

    (news,) = from_twilio(**leg, CallStatus="ringing")

    assert (news.direction, news.their_number, news.extension) == ("outbound", CUSTOMER, AGENT)


@pytest.mark.parametrize(
    ("event", "said", "kind"),
    [
        ("Newstate", {"Channel": "PJSIP/101-01", "ChannelStateDesc": "Ringing"}, "ringing"),
        ("Hold", {"Channel": "PJSIP/101-01"}, "held"),
        ("Unhold", {"Channel": "SIP/101-01"}, "resumed"),
        ("MixMonitorMute", {"State": "1"}, "recording_paused"),
        ("MixMonitorMute", {"State": "0"}, "recording_resumed"),
        ("MixMonitorStop", {}, "recording_stopped"),
        (
            "Hangup",
            {"Uniqueid": LINKED_ID, "Channel": "PJSIP/101-01", "Cause": "17"},
            "dial_failed",
        ),
        ("Hangup", {"Uniqueid": LINKED_ID, "Channel": "PJSIP/trunk-01", "Cause": "17"}, "ended"),
    ],
)
def test_asterisk_tells_of_a_call_by_the_events_of_its_manager(
    event: str, said: dict[str, str], kind: str
) -> None:
    (news,) = asterisk(event, **said)

    assert (news.external_id, news.kind) == (LINKED_ID, kind)
    assert news.at == datetime.fromtimestamp(1764147600.5, UTC)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("VarSet", {}),
        ("MixMonitorMute", {"State": "1", "Direction": "write"}),
        ("Hold", {"Channel": "PJSIP/trunk-01"}),
        ("Hangup", {"Uniqueid": "1764147600.999"}),
        ("Newstate", {"Channel": "PJSIP/101-01", "ChannelStateDesc": "Up"}),
    ],
)
def test_asterisk_says_much_that_tells_nothing_of_a_call(event: str, said: dict[str, str]) -> None:
    assert asterisk(event, **said) == []


def test_a_blind_transfer_names_to_whom() -> None:
    body = {"TransfererLinkedid": LINKED_ID, "Linkedid": "", "Extension": "102"}

    (news,) = asterisk("BlindTransfer", **body)

    assert (news.kind, news.extension, news.external_id) == ("transferred", "102", LINKED_ID)


def test_a_command_leaves_signed(control: ControlServer) -> None:
    system = Generic({"secret": SECRET, "control_url": control.url})

    system.carry_out(Order(Command.HOLD, external_id="c1"))

    (body, signature) = control.commands[0]
    assert json.loads(body) == {"command": "hold", "call": "c1"}
    signatures.check(body, signature, SECRET)


def test_a_command_that_is_refused_or_not_answered_fails(control: ControlServer) -> None:
    system = Generic({"secret": SECRET, "control_url": control.url})
    control.status = 409
    with pytest.raises(CommandFailed) as refused:
        system.carry_out(Order(Command.DIAL, extension="101", number=CUSTOMER))
    control.stop()
    with pytest.raises(CommandFailed) as silent:
        system.carry_out(Order(Command.DIAL, extension="101", number=CUSTOMER))
    with pytest.raises(CommandFailed) as unset:
        Generic({"secret": SECRET}).carry_out(Order(Command.HOLD, external_id="c1"))

    assert [refused.value.failure, silent.value.failure, unset.value.failure] == [
        Failure.REFUSED,
        Failure.NO_ANSWER,
        Failure.NOT_SET_UP,
    ]


def test_an_event_of_a_recording_without_its_time_is_refused() -> None:
    with pytest.raises(NewsUnusable):
        asterisk("MixMonitorStart", Timestamp="")


def test_an_instant_before_all_time_is_refused() -> None:
    with pytest.raises(NewsUnusable):
        instant("0001-01-01T00:00:00+02:00")


def test_a_recording_of_twilio_ends_as_long_after_its_start_as_it_lasted() -> None:
    started_at = "Thu, 26 Nov 2025 09:00:00 +0000"
    said = {"RecordingSid": "RE1", "RecordingStartTime": started_at}

    (began,) = from_twilio(RecordingStatus="in-progress", **said)
    (ended,) = from_twilio(RecordingStatus="completed", RecordingDuration="75", **said)

    assert (began.kind, ended.kind) == ("recording_started", "recording_stopped")
    assert (ended.at - began.at).total_seconds() == 75
