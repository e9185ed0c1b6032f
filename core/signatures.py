"""One signature scheme for machines that speak to us: HMAC-SHA-256 over an instant and the body.

The header reads `t=<seconds>,v1=<hex>`. Free of Django.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

TOLERANCE_S = 300


class SignatureWrong(Exception):
    """The signature is missing, wrong or too old. Nothing of the body may be believed or kept."""


def check(body: bytes, header: str, secret: str, received_at: datetime | None = None) -> None:
    """Raise SignatureWrong unless the body was signed with the secret within five minutes.

    There may be several `v1` while a secret is being replaced.
    """
    pairs = [part.strip().partition("=") for part in header.split(",")]
    at = next((value for name, _, value in pairs if name == "t"), "")
    if not secret or not (at.isascii() and at.isdigit()):
        raise SignatureWrong("There is no signature, or no secret to check it by.")
    expected = _mac(body, at, secret)
    given = [value for name, _, value in pairs if name == "v1"]
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise SignatureWrong("The signature is wrong.")
    came_at = time.time() if received_at is None else received_at.timestamp()
    if abs(came_at - int(at)) > TOLERANCE_S:
        raise SignatureWrong("The signature is too old.")


def sign(body: bytes, secret: str, at: float | None = None) -> str:
    """The header for a body that is sent now, or at another instant."""
    instant = str(int(time.time() if at is None else at))
    return f"t={instant},v1={_mac(body, instant, secret)}"


def _mac(body: bytes, at: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
