"""Signs what a provider never sent, with the provider's own secret."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def signed(
    headers: Mapping[str, str], body: bytes, secret: str, *, at: int | None = None
) -> dict[str, str]:
    """Return the headers of a delivery with the signature of another body or instant."""
    instant = int(time.time()) if at is None else at
    text = f"{instant}.".encode() + body
    digest = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    value = f"t={instant},v1={digest}"
    return {name: value if "signature" in name else old for name, old in headers.items()}
