"""Receipts: a lasting address for every capture, opened by a keyed secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from core.link_secrets import is_secret_for, secret_for

if TYPE_CHECKING:
    from payments.models import Capture


def is_secret_of(capture: Capture, secret: str) -> bool:
    """Say whether a secret opens the receipt."""
    return is_secret_for(_told(capture), secret)


def address_of(capture: Capture) -> str:
    """Return the receipt's full address."""
    path = reverse("payments:receipt", args=[capture.public_id, secret_for(_told(capture))])
    return f"{settings.PUBLIC_URL}{path}"


def _told(capture: Capture) -> str:
    return f"receipt:{capture.public_id}"
