"""Who is asking, and in which request. Kept beside the call, so that no service passes it on."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models import ApiKey, User


@dataclass(slots=True)
class RequestContext:
    """One request, or one run of a job. Outside of both, everything is empty."""

    request_id: str = ""
    actor: User | ApiKey | str | None = None
    address: str = ""
    statements: int = 0
    for_others: int = 0
    """Of the statements those whose answers are remembered for other requests, too. Both are
    counted only where `SERVER_TIMING` is on."""


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def current() -> RequestContext:
    """Give the context of this request, or an empty one. Never None."""
    return _current.get() or RequestContext()


@contextmanager
def entered(context: RequestContext) -> Iterator[RequestContext]:
    """Make the context current until the block ends, then put the former one back."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)
