"""What ways to pay are called. The app that takes payments knows; here it is only shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_namers: list[Callable[[str], str]] = []


def register(name_of: Callable[[str], str]) -> None:
    """Let another app name the ways to pay. The one that registered last is asked."""
    _namers.append(name_of)


def name_of(method: str) -> str:
    """Return the name of a way to pay; where nobody knows it, the word itself."""
    return _namers[-1](method) if _namers and method else method.capitalize()
