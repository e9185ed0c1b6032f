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


def told(current: context.RequestContext) -> str:
    """The header's value: metrics without a duration, whose descriptions are the counts.

    `sql` is what the answer took for itself, `shared` what others need not ask again soon.
    """
    own = current.statements - current.for_others
    return f'sql;desc="{own}", shared;desc="{current.for_others}"'


def _count(execute: Callable[..., Any], *statement: Any) -> Any:
    context.current().statements += 1
    return execute(*statement)
