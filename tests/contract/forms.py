"""Reads the bracketed form bodies that Stripe takes: `a[b][0]=c`."""

from __future__ import annotations

from typing import Any


def unflattened(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Return nested mappings; list indexes stay keys, for the schema to tell them apart."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        parts = name.replace("]", "").split("[")
        branch = tree
        for part in parts[:-1]:
            branch = branch.setdefault(part, {})
        branch[parts[-1]] = value
    return tree


def as_list(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else []
