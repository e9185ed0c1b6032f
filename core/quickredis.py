"""A Redis that may be gone. No request waits for it, nothing fails without it."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

FOR_REQUESTS_S, FOR_WORKERS_S = 0.02, 0.5
FIRST_BREAK_S, LONGEST_BREAK_S = 0.25, 5.0


class Breaker:
    """After a failure nothing is tried for a while, twice as long after each further one.

    An outage so costs 20 ms every five seconds; a processor that came too late for one answer
    silences the bells for a quarter of a second.
    """

    def __init__(self) -> None:
        self._closed_again_at = 0.0
        self._next_break_s = FIRST_BREAK_S

    def is_open(self) -> bool:
        return time.monotonic() < self._closed_again_at

    def trip(self) -> float:
        """Try nothing for so many seconds, which it returns. Failures at once are one."""
        if self.is_open():
            return self._closed_again_at - time.monotonic()
        seconds = self._next_break_s
        self._closed_again_at = time.monotonic() + seconds
        self._next_break_s = min(2 * seconds, LONGEST_BREAK_S)
        return seconds

    def reset(self) -> None:
        """Something succeeded: try the next thing at once."""
        self._closed_again_at = 0.0
        self._next_break_s = FIRST_BREAK_S


breaker = Breaker()
_patience_s = FOR_REQUESTS_S


def be_patient() -> None:
    """In a process for which nobody waits: give an answer half a second to come."""
    global _patience_s  # noqa: PLW0603 - a property of the process
    _patience_s = FOR_WORKERS_S
    _client.cache_clear()


def attempt[T](action: Callable[[Redis], T]) -> T | None:
    """Do one thing with Redis. Gives None when Redis is gone; never raises for that reason."""
    if breaker.is_open():
        return None
    try:
        done = action(_client(settings.REDIS_URL))
    except (RedisError, OSError) as error:
        seconds = breaker.trip()
        logger.warning("Redis is gone (%s); trying again in %.2f s", type(error).__name__, seconds)
        return None
    breaker.reset()
    return done


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=_patience_s,
        socket_connect_timeout=_patience_s,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
