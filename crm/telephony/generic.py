"""Any exchange that can send signed JSON: one event a delivery, in our own words."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crm.call_facts import KINDS
from crm.telephony.base import CallNews, NewsUnusable, Telephony, refuse_cards

if TYPE_CHECKING:
    from crm.telephony.base import Delivery

CALL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,119}")
EXTENSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,39}")
MEMBERS = frozenset({"call", "event", "at", "direction", "from", "to", "extension", "id"})
LONGEST = 120


class Generic(Telephony):
    """Takes `{"call", "event", "at"}`, and where known `direction, from, to, extension, id`."""

    def parse(self, delivery: Delivery) -> list[CallNews]:
        self.check_signature(delivery)
        said = _object(delivery.body)
        direction = said.get("direction", "")
        caller, called = said.get("from", ""), said.get("to", "")
        their, our = (called, caller) if direction == "outbound" else (caller, called)
        return [
            CallNews(
                external_id=_fitting(CALL_ID, said.get("call", "")),
                kind=_one_of(KINDS, said.get("event", "")),
                at=instant(said.get("at", "")),
                direction=_one_of({"", "inbound", "outbound"}, direction),
                their_number=their,
                our_number=our,
                extension=_fitting(EXTENSION, said["extension"]) if said.get("extension") else "",
                key=said.get("id", ""),
            )
        ]


def instant(text: str) -> datetime:
    """An instant with its zone, as in ISO 8601. Raises NewsUnusable."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NewsUnusable("The instant cannot be read.") from error
    raise NewsUnusable("The instant names no time zone.")


def _object(body: bytes) -> dict[str, str]:
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NewsUnusable("The body is not JSON.") from error
    if not isinstance(said, dict) or set(said) - MEMBERS:
        raise NewsUnusable("The body is no event, or has members that we do not know.")
    if not all(isinstance(value, str) and len(value) <= LONGEST for value in said.values()):
        raise NewsUnusable("Every member is a short string.")
    # An instant to the microsecond has digits enough to look like a card; it is read as one.
    refuse_cards({name: value for name, value in said.items() if name != "at"})
    return said


def _fitting(form: re.Pattern[str], text: str) -> str:
    if not form.fullmatch(text):
        raise NewsUnusable("An id is missing, or cannot be one.")
    return text


def _one_of(known: frozenset[str] | set[str], text: str) -> str:
    if text not in known:
        raise NewsUnusable("A member has a value that we do not know.")
    return text
