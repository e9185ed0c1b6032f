"""Checks that a delivery really comes from the sandbox."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

from payments.providers.base import WebhookForged, WebhookUnusable

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADER = "sandbox-signature"
TOLERANCE_S = 300


def event_of(body: bytes, headers: Mapping[str, str], secret: str) -> dict[str, Any]:
    """Return the event of a delivery that is signed and fresh.

    Raises WebhookForged where the signature is missing, wrong or older than five minutes,
    and WebhookUnusable where a signed body is no event.
    """
    parts = dict(part.partition("=")[::2] for part in headers.get(HEADER, "").split(","))
    at = parts.get("t", "")
    if not secret or not (at.isascii() and at.isdigit()):
        raise WebhookForged("There is no signature, or no secret to check it by.")
    expected = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), parts.get("v1", "").encode()):
        raise WebhookForged("The signature is wrong.")
    if abs(time.time() - int(at)) > TOLERANCE_S:
        raise WebhookForged("The signature is too old.")
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise WebhookUnusable("", "The body is no event.")
    return event
