"""Secrets of addresses that customers get: keyed hashes, stored nowhere."""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings

SECRET_BYTES = 16


def secret_for(told: str) -> str:
    """Return 128 bits of a keyed hash of what the secret stands for, fit for an address."""
    key = settings.LINK_SECRET_KEY.encode()
    digest = hmac.new(key, told.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:SECRET_BYTES]).rstrip(b"=").decode()


def is_secret_for(told: str, secret: str) -> bool:
    """Say whether a secret is the right one, in constant time."""
    return hmac.compare_digest(secret_for(told).encode(), secret.encode())
