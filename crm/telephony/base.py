"""What a telephone system tells of calls and takes as commands, whichever it is. Free of Django.

NewsError
├── NewsForged      not signed by the system: counted, and nothing of it kept
└── NewsUnusable    signed, but not news that we understand
CommandFailed       the system did not do what it was asked for, or did not say so
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import httpx

from core import pan, signatures
from core.signatures import SignatureWrong

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

SIGNATURE_HEADER = "kuitti-signature"
TIMEOUT_S = 3.0


class NewsError(Exception):
    """A delivery cannot be taken. The text holds nothing of its body."""


class NewsForged(NewsError):
    """It was not signed by the system, or too long ago."""


class NewsUnusable(NewsError):
    """It was signed, but it is no news that we understand, or holds a card number."""


class Failure(StrEnum):
    """Why a command failed."""

    NOT_SET_UP = "not_set_up"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"


class CommandFailed(Exception):
    """The system was not reached, refused, or did not answer in time."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


class Command(StrEnum):
    """What a system can be asked for."""

    DIAL = "dial"
    HOLD = "hold"
    RESUME = "resume"
    PAUSE_RECORDING = "pause_recording"
    RESUME_RECORDING = "resume_recording"


@dataclass(frozen=True, slots=True)
class CallNews:
    """One thing that happened to a call. What the system does not say is empty.

    `at` is the system's own instant, `key` what tells this news from every other of the call;
    without one, news of the same kind, instant and extension are the same news.
    """

    external_id: str
    kind: str
    at: datetime
    direction: str = ""
    their_number: str = ""
    our_number: str = ""
    extension: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came through the door. `url` is the address that the system was told to call."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """A command about a call, or to dial a number from an extension."""

    command: Command
    external_id: str = ""
    extension: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Telephony(ABC):
    """One telephone system. Credentials: `secret`, and `control_url` where it takes commands."""

    credentials: Mapping[str, str] = field(repr=False)

    @abstractmethod
    def parse(self, delivery: Delivery) -> list[CallNews]:
        """The news of a delivery, none where it tells nothing of calls. Raises NewsError."""

    def carry_out(self, order: Order) -> None:
        """Ask the system, and wait three seconds at most. Raises CommandFailed.

        Never call this inside a transaction. That something has happened is told by an event.
        """
        url = self.credentials.get("control_url", "")
        if not url:
            raise CommandFailed(Failure.NOT_SET_UP)
        body = json.dumps(_wire(order)).encode()
        headers = {
            "Content-Type": "application/json",
            SIGNATURE_HEADER: signatures.sign(body, self.credentials.get("secret", "")),
        }
        try:
            answer = httpx.post(url, content=body, headers=headers, timeout=TIMEOUT_S)
        except httpx.RequestError as error:
            raise CommandFailed(Failure.NO_ANSWER) from error
        if not answer.is_success:
            raise CommandFailed(Failure.REFUSED)

    def check_signature(self, delivery: Delivery) -> None:
        """Raise NewsForged unless the delivery bears the scheme of the house."""
        header = delivery.headers.get(SIGNATURE_HEADER, "")
        secret = self.credentials.get("secret", "")
        try:
            signatures.check(delivery.body, header, secret, delivery.received_at)
        except SignatureWrong as error:
            raise NewsForged(str(error)) from error


def refuse_cards(values: Mapping[str, Any]) -> None:
    """Raise NewsUnusable where a value looks like a card number."""
    if any(pan.looks_like_card(str(value)) for value in values.values()):
        raise NewsUnusable("A value looks like a card number.")


def _wire(order: Order) -> dict[str, str]:
    said = {
        "command": order.command.value,
        "call": order.external_id,
        "extension": order.extension,
        "number": order.number,
    }
    return {name: value for name, value in said.items() if value}
