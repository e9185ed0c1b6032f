"""Twilio: status callbacks of calls and of their recordings, as forms.

Signed as https://www.twilio.com/docs/usage/security says: base64 of HMAC-SHA-1, keyed by the
auth token, over the address and the sorted parameters. No instant is signed beside them, but a
delivery that is played again is a repeat, and repeats change nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from crm.telephony.base import CallNews, NewsForged, NewsUnusable, Telephony

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crm.telephony.base import Delivery

HEADER = "x-twilio-signature"
CALL_ID = re.compile(r"CA[0-9a-f]{32}")
SECONDS = re.compile(r"[0-9]{1,6}")
PHONES = ("client:", "sip:")
MOST_PARAMETERS = 200
OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
RECORDINGS = {
    "in-progress": "recording_started",
    "completed": "recording_stopped",
    "absent": "recording_stopped",
}


class Twilio(Telephony):
    """One Twilio account. Its `secret` is the auth token, an extension reads `client:name`.

    A call is known by its first leg. Pausing a recording is not told by Twilio.
    """

    def parse(self, delivery: Delivery) -> list[CallNews]:
        said = self._signed(delivery)
        if not CALL_ID.fullmatch(said.get("CallSid", "")):
            raise NewsUnusable("The delivery names no call.")
        kind = RECORDINGS.get(said.get("RecordingStatus", ""), "") or _kind(said)
        return [_news(said, kind, delivery.received_at)] if kind else []

    def _signed(self, delivery: Delivery) -> dict[str, str]:
        secret = self.credentials.get("secret", "")
        try:
            pairs = parse_qsl(
                delivery.body.decode(), keep_blank_values=True, max_num_fields=MOST_PARAMETERS
            )
        except ValueError as error:
            raise NewsForged("The body is no form.") from error
        given = delivery.headers.get(HEADER, "")
        expected = signature(delivery.url, pairs, secret)
        if not secret or not hmac.compare_digest(expected.encode(), given.encode()):
            raise NewsForged("The signature is wrong.")
        return dict(pairs)


def signature(url: str, pairs: list[tuple[str, str]], secret: str) -> str:
    """What Twilio writes into its header for an address and a form."""
    values: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        values[name].add(value)
    text = url + "".join(name + one for name in sorted(values) for one in sorted(values[name]))
    # Twilio's own scheme: SHA-1 in an HMAC, whose strength does not rest on collisions.
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


def _kind(said: Mapping[str, str]) -> str:
    """What a status of this leg says of the whole call; nothing where it says nothing."""
    status = said.get("CallStatus", "")
    is_leg, is_outbound = bool(said.get("ParentCallSid")), _is_outbound(said)
    if is_leg and is_outbound:
        # The customer's leg of a call that an agent makes.
        tells = {"ringing": "ringing", "in-progress": "answered", "completed": "ended"}
        return tells.get(status, "dial_failed" if status in OVER else "")
    if is_leg:
        # One agent's telephone; that it did not answer does not end the call.
        return {"ringing": "ringing", "in-progress": "answered", "completed": "ended"}.get(
            status, ""
        )
    if status in OVER:
        return "ended"
    return "ringing" if status in {"ringing", "in-progress"} else ""


def _is_outbound(said: Mapping[str, str]) -> bool:
    if said.get("ParentCallSid"):
        return not said.get("To", "").startswith(PHONES)
    return said.get("From", "").startswith(PHONES)


def _news(said: Mapping[str, str], kind: str, received_at: datetime) -> CallNews:
    caller, called = said.get("From", ""), said.get("To", "")
    their, our = (called, caller) if _is_outbound(said) else (caller, called)
    extension = next((one for one in (caller, called) if one.startswith(PHONES)), "")
    marks = ("CallSid", "SequenceNumber", "CallStatus", "RecordingSid", "RecordingStatus")
    is_of_call = kind in {"ringing", "answered", "ended", "dial_failed"}
    return CallNews(
        external_id=said.get("ParentCallSid") or said["CallSid"],
        kind=kind,
        at=_at(said, kind, received_at),
        direction=("outbound" if _is_outbound(said) else "inbound") if is_of_call else "",
        their_number=their,
        our_number="" if our.startswith(PHONES) else our,
        extension=extension[:40],
        key="|".join(said.get(name, "") for name in marks),
    )


def _at(said: Mapping[str, str], kind: str, received_at: datetime) -> datetime:
    """When it happened. A recording that is over names its start and how long it lasted."""
    if said.get("Timestamp"):
        return _instant(said["Timestamp"], received_at)
    began_at = _instant(said.get("RecordingStartTime", ""), received_at)
    seconds = said.get("RecordingDuration", "")
    is_over = kind == "recording_stopped" and SECONDS.fullmatch(seconds)
    return began_at + timedelta(seconds=int(seconds)) if is_over else began_at


def _instant(text: str, otherwise: datetime) -> datetime:
    """Twilio writes instants as in RFC 2822; where there is none, when it came must do."""
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return otherwise
