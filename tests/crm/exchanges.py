"""Deliveries of the three kinds of telephone systems, signed as each of them signs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.test import Client
from django.urls import reverse

from crm.models import PhoneSystem
from tests.factories.calls import NUMBER, SECRET, ExtensionFactory, PhoneSystemFactory

if TYPE_CHECKING:
    from core.models import User

CALL_SID = "CA" + "0123456789abcdef" * 2
LEG_SID = "CA" + "fedcba9876543210" * 2
LINKED_ID = "1764147600.101"


def sign(body: bytes, at: float | None = None, secret: str = SECRET) -> str:
    instant = int(time.time() if at is None else at)
    mac = hmac.new(secret.encode(), f"{instant}.".encode() + body, hashlib.sha256)
    return f"t={instant},v1={mac.hexdigest()}"


def sign_as_twilio(url: str, form: dict[str, str], secret: str = SECRET) -> str:
    text = url + "".join(name + form[name] for name in sorted(form))
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha1)
    return base64.b64encode(mac.digest()).decode()


@dataclass
class Exchange:
    """A telephone system with one extension, and what it sends."""

    kind: str
    user: User

    def __post_init__(self) -> None:
        numbers = {"generic": "101", "asterisk": "101", "twilio": "client:aino"}
        self.system: PhoneSystem = PhoneSystemFactory.create(kind=self.kind)
        self.number = numbers[self.kind]
        ExtensionFactory.create(phone_system=self.system, number=self.number, user=self.user)
        self.began_at = int(time.time()) - 60

    @property
    def address(self) -> str:
        return reverse("crm:call-door", args=[self.system.public_id])

    def body(self, kind: str, second: int, number: str = NUMBER) -> bytes:
        made: bytes = getattr(self, f"_{self.kind}")(kind, second, number)
        return made

    def headers(self, body: bytes, *, at: float | None = None, secret: str = SECRET) -> Any:
        if self.kind == "twilio":
            form = dict(parse_qsl(body.decode()))
            url = settings.PUBLIC_URL + self.address
            return {"x-twilio-signature": sign_as_twilio(url, form, secret)}
        return {"kuitti-signature": sign(body, at, secret)}

    def post(self, body: bytes, headers: Any) -> int:
        form = "application/x-www-form-urlencoded"
        client = Client(enforce_csrf_checks=True)
        answer = client.post(
            self.address,
            body,
            content_type=form if self.kind == "twilio" else "application/json",
            headers=headers,
        )
        return answer.status_code

    def send(self, kind: str, second: int = 0, number: str = NUMBER) -> int:
        body = self.body(kind, second, number)
        return self.post(body, self.headers(body))

    def _generic(self, kind: str, second: int, number: str) -> bytes:
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.began_at + second))
        said = {"call": "c-17", "event": kind, "at": at, "extension": self.number}
        if kind == "ringing":
            said |= {"direction": "inbound", "from": number, "to": "+358911111111"}
        return json.dumps(said).encode()

    def _asterisk(self, kind: str, second: int, number: str) -> bytes:
        phone = {"Channel": f"PJSIP/{self.number}-0000002b", "Uniqueid": "1764147600.102"}
        caller = {"Channel": "PJSIP/operator-0000002a", "Uniqueid": LINKED_ID}
        event: dict[str, dict[str, str]] = {
            "ringing": {
                "Event": "DialBegin",
                **caller,
                "CallerIDNum": number,
                "Exten": "0911111111",
                "DestChannel": phone["Channel"],
                "DestUniqueid": phone["Uniqueid"],
            },
            "answered": {"Event": "BridgeEnter", **phone, "BridgeNumChannels": "2"},
            "recording_started": {"Event": "MixMonitorStart", **caller},
            "ended": {"Event": "Hangup", **caller, "Cause": "16"},
        }
        said = {**event[kind], "Linkedid": LINKED_ID, "Timestamp": f"{self.began_at + second}.25"}
        lines = "\r\n".join(f"{name}: {value}" for name, value in said.items())
        return f"{lines}\r\n\r\n".encode()

    def _twilio(self, kind: str, second: int, number: str) -> bytes:
        leg = {"CallSid": LEG_SID, "ParentCallSid": CALL_SID, "To": self.number}
        own: dict[str, dict[str, str]] = {
            "ringing": {**leg, "CallStatus": "ringing"},
            "answered": {**leg, "CallStatus": "in-progress"},
            "recording_started": {
                "CallSid": CALL_SID,
                "RecordingSid": "RE1",
                "RecordingStatus": "in-progress",
            },
            "ended": {"CallSid": CALL_SID, "To": "+358911111111", "CallStatus": "completed"},
        }
        said = {
            **own[kind],
            "From": number,
            "Direction": "inbound",
            "Timestamp": formatdate(self.began_at + second),
            "SequenceNumber": str(second),
        }
        return urlencode(said).encode()
