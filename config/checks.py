"""What must be right before anybody is served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from payments.models import ProviderAccount
from payments.registry import is_usable

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


@register("kuitti", Tags.database)
def training_is_named(databases: Sequence[str] | None = None, **_: Any) -> Sequence[CheckMessage]:
    """Where nobody trains, no account may be in use at a provider where no money moves.

    Reads the database where it is asked to: by `migrate` and by `check --database default`.
    """
    return [
        Error(
            f"{account.public_id} is in use, but “{account.kind}” may not be used here.",
            hint="Switch it off; or install its adapter; or set KUITTI_TRAINING to train with it.",
            id="kuitti.E003",
        )
        for alias in databases or ()
        for account in _accounts_in_use(alias)
        if not is_usable(account.kind)
    ]


def _accounts_in_use(alias: str) -> list[ProviderAccount]:
    if "payments_provideraccount" not in connections[alias].introspection.table_names():
        return []
    rows = ProviderAccount.objects.using(alias).filter(is_enabled=True).only("kind", "public_id")
    return list(rows.order_by("pk"))


def refuse_to_serve_without_keys() -> None:
    """Raise ImproperlyConfigured where a key is missing: each process would use another one."""
    if settings.MISSING_KEYS:
        names = ", ".join(settings.MISSING_KEYS)
        raise ImproperlyConfigured(f"{names} must be set. See .env.example.")
