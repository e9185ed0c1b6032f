"""Seals: a chain of HMACs that makes every later change of a sealed row visible."""

from __future__ import annotations

AUDIT_COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "action",
    "object_type",
    "object_id",
    "before_digest",
    "after_digest",
    "request_id",
    "reason_digest",
    "xid",
)

_registered: dict[str, tuple[str, ...]] = {}


def register(table: str, columns: tuple[str, ...]) -> None:
    """Have a table sealed. It needs `id` and `xid`; columns that may be erased are left out."""
    _registered[table] = tuple(columns)
