"""Asterisk: events of its manager interface, handed on by a small program beside the exchange.

That program signs as the generic system does and sends one event a delivery, as JSON or as the
`Key: Value` lines of the manager itself. The fields are those of
https://docs.asterisk.org/Asterisk_20_Documentation/API_Documentation/AMI_Events/.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crm.telephony.base import CallNews, NewsUnusable, Telephony

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.telephony.base import Delivery

CALL_ID = re.compile(r"(?:[A-Za-z0-9_.-]{1,60}-)?\d{9,11}\.\d{1,9}")
PHONE = re.compile(r"(?:PJSIP|SIP|IAX2|SCCP)/(\d{2,6})-[0-9a-f]+")
"""A channel of somebody's telephone; trunks have names that are no short numbers."""

PLAIN = {
    "BridgeEnter": "answered",
    "Hold": "held",
    "Unhold": "resumed",
    "MixMonitorStart": "recording_started",
    "MixMonitorStop": "recording_stopped",
    "BlindTransfer": "transferred",
}
NORMAL_CLEARING = "16"


class Asterisk(Telephony):
    """One Asterisk. An extension is the name of its endpoint, such as 101.

    Switch `timestampevents` on in manager.conf; without it an event is as old as its delivery.
    """

    def parse(self, delivery: Delivery) -> list[CallNews]:
        self.check_signature(delivery)
        said = _fields(delivery.body)
        kind = _kind(said)
        if not kind:
            return []
        external_id = said.get("Linkedid") or said.get("TransfererLinkedid", "")
        if not CALL_ID.fullmatch(external_id):
            raise NewsUnusable("The event names no call.")
        if kind.startswith("recording") and not said.get("Timestamp"):
            # Two starts of a recording could not be told from one that came twice.
            raise NewsUnusable("An event of a recording needs its time.")
        return [_news(said, kind, external_id, delivery.received_at)]


def _kind(said: Mapping[str, str]) -> str:
    """What an event says of the whole call; nothing where it says nothing."""
    event, is_phone = said.get("Event", ""), bool(phone_of(said.get("Channel", "")))
    if event == "DialBegin" or (event == "Newstate" and said.get("ChannelStateDesc") == "Ringing"):
        return "ringing"
    if event == "MixMonitorMute":
        if said.get("State") != "1":
            return "recording_resumed"
        # Where one direction alone is muted, the other is still recorded.
        return "recording_paused" if said.get("Direction", "both") == "both" else ""
    if event == "Hangup":
        return _kind_of_end(said, is_phone=is_phone)
    if event in {"BridgeEnter", "Hold", "Unhold"} and not is_phone:
        return ""
    return PLAIN.get(event, "")


def _kind_of_end(said: Mapping[str, str], *, is_phone: bool) -> str:
    """The oldest channel ends the call. Where it is an agent's own, the cause says if it failed."""
    if said.get("Uniqueid") != said.get("Linkedid"):
        return ""
    has_failed = is_phone and said.get("Cause", NORMAL_CLEARING) != NORMAL_CLEARING
    return "dial_failed" if has_failed else "ended"


def _news(said: Mapping[str, str], kind: str, external_id: str, received_at: datetime) -> CallNews:
    caller = phone_of(said.get("Channel", ""))
    dialled = phone_of(said.get("DestChannel", ""))
    numbers = {}
    if said.get("Event") == "DialBegin" and caller and not dialled:
        numbers = {"direction": "outbound", "their_number": said.get("Exten", "")}
    elif said.get("Event") == "DialBegin":
        numbers = {
            "direction": "inbound",
            "their_number": said.get("CallerIDNum", ""),
            "our_number": said.get("Exten", ""),
        }
    marks = ("Event", "Uniqueid", "DestUniqueid", "Timestamp", "State", "Direction")
    extension = said.get("Extension", "") if kind == "transferred" else dialled or caller
    return CallNews(
        external_id=external_id,
        kind=kind,
        at=_instant(said.get("Timestamp", ""), received_at),
        extension=extension[:40],
        key="|".join(said.get(name, "") for name in marks),
        **numbers,
    )


def phone_of(channel: str) -> str:
    """The extension whose telephone a channel is, or nothing."""
    found = PHONE.fullmatch(channel)
    return found[1] if found else ""


def _fields(body: bytes) -> dict[str, str]:
    try:
        text = body.decode()
        said = json.loads(text) if text.lstrip().startswith("{") else dict(_lines(text))
    except (ValueError, RecursionError) as error:
        raise NewsUnusable("The event cannot be read.") from error
    return {str(name): str(value) for name, value in said.items()}


def _lines(text: str) -> list[tuple[str, str]]:
    pairs = [line.partition(":") for line in text.splitlines() if line.strip()]
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _instant(text: str, otherwise: datetime) -> datetime:
    """The manager writes seconds since 1970 with a fraction."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise
