"""The signature scheme several providers share, and the event in a delivery signed by it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from core import signatures
from core.signatures import TOLERANCE_S, SignatureWrong
from payments.providers.errors import WebhookForged, WebhookUnusable

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["TOLERANCE_S", "signed_event"]


def signed_event(
    body: bytes, header: str, secret: str, received_at: datetime | None = None
) -> dict[str, Any]:
    """Return the event of a delivery whose header reads `t=…,v1=…`.

    Raises WebhookForged where the signature is missing, wrong or was more than five minutes
    off when the delivery came, and WebhookUnusable where a signed body is no JSON object.
    """
    try:
        signatures.check(body, header, secret, received_at)
    except SignatureWrong as error:
        raise WebhookForged(str(error)) from error
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
