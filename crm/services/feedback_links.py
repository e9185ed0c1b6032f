"""The address of the question after a call: a keyed secret in it opens the page, stored nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from core.link_secrets import is_secret_for, secret_for

if TYPE_CHECKING:
    from crm.models import Feedback


def is_secret_of(feedback: Feedback, secret: str) -> bool:
    """Say whether a secret opens the question."""
    return is_secret_for(_told(feedback), secret)


def address_of(feedback: Feedback) -> str:
    """Return the question's full address."""
    path = reverse("crm:feedback", args=[feedback.public_id, secret_of(feedback)])
    return f"{settings.PUBLIC_URL}{path}"


def secret_of(feedback: Feedback) -> str:
    """Return the secret that opens the question."""
    return secret_for(_told(feedback))


def _told(feedback: Feedback) -> str:
    return f"feedback:{feedback.public_id}"
