"""What was read lately, so that a hot path need not read it again: a copy in each process."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from core import context

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


class Remembered[Key: Hashable, Value]:
    """Values by key, each kept for some seconds: for what may be so much out of date.

    `None` is not kept: what was not there is looked for again. Two threads may read the same
    at once, and the later answer stays. Beyond `most` keys all is forgotten.
    """

    def __init__(self, seconds: float, *, most: int = 1_000) -> None:
        self._seconds, self._most = seconds, most
        self._known: dict[Key, tuple[float, Value]] = {}

    def get(self, key: Key, read: Callable[[], Value]) -> Value:
        """Return what was read for a key within the time, or read it."""
        now = monotonic()
        known = self._known.get(key)
        if known is not None and known[0] > now:
            return known[1]
        value = _read_for_all(read)
        if value is None:
            self._known.pop(key, None)
            return value
        if len(self._known) >= self._most:
            self._known.clear()
        self._known[key] = (now + self._seconds, value)
        return value

    def forget(self) -> None:
        """Read everything again at the next question."""
        self._known.clear()


def _read_for_all[Value](read: Callable[[], Value]) -> Value:
    """Read, and say in the request's count that it was not for this request alone."""
    current = context.current()
    own = current.statements - current.for_others
    value = read()
    # What is remembered may itself be read from what is remembered: each counts once.
    current.for_others = current.statements - own
    return value
