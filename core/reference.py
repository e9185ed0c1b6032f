"""Rows that must exist: accounts, limits, the error map. Made again whenever they are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connections, transaction

if TYPE_CHECKING:
    from collections.abc import Callable

_makers: list[Callable[[], None]] = []


def register(maker: Callable[[], None]) -> None:
    """Add a function that makes what is missing and leaves what is there. It must be repeatable."""
    if maker not in _makers:
        _makers.append(maker)


@transaction.atomic
def ensure_reference_data() -> None:
    """Run every registered function, lowest app first. Safe to repeat."""
    for maker in _makers:
        maker()


def after_migrate(sender: Any, using: str, **_kwargs: Any) -> None:
    """Run once at the end of `migrate` and `flush`, unless some tables do not exist yet."""
    if sender.name != "core":
        return
    present = set(connections[using].introspection.table_names())
    if all(model._meta.db_table in present for model in apps.get_models()):  # noqa: SLF001
        ensure_reference_data()
