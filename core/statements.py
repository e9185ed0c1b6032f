"""How many statements an answer took: told to whoever looks, where `SERVER_TIMING` is on.

The header is that of W3C Server Timing, which browsers show beside each request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import context

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

HEADER = "Server-Timing"


def count_on(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Count from now on what a connection is asked. Safe to repeat, as after a lost connection."""
    if _count not in connection.execute_wrappers:
        connection.execute_wrappers.append(_count)


def told(count: int) -> str:
    """The header's value: a metric without a duration, whose description is the count."""
    return f'sql;desc="{count}"'


def _count(execute: Callable[..., Any], *statement: Any) -> Any:
    context.current().statements += 1
    return execute(*statement)
