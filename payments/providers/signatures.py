"""The signature scheme several providers share: HMAC-SHA-256 over an instant and the raw body."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

from payments.providers.errors import WebhookForged, WebhookUnusable

if TYPE_CHECKING:
    from datetime import datetime

TOLERANCE_S = 300


def signed_event(
    body: bytes, header: str, secret: str, received_at: datetime | None = None
) -> dict[str, Any]:
    """Return the event of a delivery whose header reads `t=…,v1=…`.

    There may be several `v1` while a secret is being replaced. Raises WebhookForged where
    the signature is missing, wrong or was more than five minutes off when the delivery came,
    and WebhookUnusable where a signed body is no JSON object.
    """
    pairs = [part.strip().partition("=") for part in header.split(",")]
    at = next((value for name, _, value in pairs if name == "t"), "")
    if not secret or not (at.isascii() and at.isdigit()):
        raise WebhookForged("There is no signature, or no secret to check it by.")
    expected = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    given = [value for name, _, value in pairs if name == "v1"]
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise WebhookForged("The signature is wrong.")
    came_at = time.time() if received_at is None else received_at.timestamp()
    if abs(came_at - int(at)) > TOLERANCE_S:
        raise WebhookForged("The signature is too old.")
    return _parsed(body)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        digest = hashlib.sha256(body).hexdigest()
        raise WebhookUnusable(digest, "The body is no event.")
    return event
