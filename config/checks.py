"""What must be right before anybody is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from collections.abc import Sequence


@register("kuitti", deploy=True)
def keys_are_given(**_: Any) -> Sequence[CheckMessage]:
    """Every key comes from the environment: one made up here would be lost with the process."""
    return [
        Error(f"{name} is not set.", hint="See .env.example.", id="kuitti.E001")
        for name in settings.MISSING_KEYS
    ]


@register("kuitti", deploy=True)
def demo_is_not_public(**_: Any) -> Sequence[CheckMessage]:
    """The demo knows its passwords: it may only listen on this machine."""
    if settings.KUITTI_DEMO and not settings.PUBLIC_URL.startswith("http://127.0.0.1"):
        return [Error("KUITTI_DEMO is for this machine only.", id="kuitti.E002")]
    return []


def refuse_to_serve_without_keys() -> None:
    """Raise ImproperlyConfigured where a key is missing: each process would use another one."""
    if settings.MISSING_KEYS:
        names = ", ".join(settings.MISSING_KEYS)
        raise ImproperlyConfigured(f"{names} must be set. See .env.example.")
