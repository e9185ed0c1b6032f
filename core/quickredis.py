"""A Redis that may be gone. Nothing waits for it, nothing fails without it."""

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

TIMEOUT_S = 0.02
BREAK_S = 5.0


class Breaker:
    """After a failure nothing is tried for some seconds, so that an outage costs 20 ms, once."""

    def __init__(self) -> None:
        self._closed_again_at = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self._closed_again_at

    def trip(self) -> None:
        self._closed_again_at = time.monotonic() + BREAK_S

    def reset(self) -> None:
        self._closed_again_at = 0.0


breaker = Breaker()


def attempt[T](action: Callable[[Redis], T]) -> T | None:
    """Do one thing with Redis. Gives None when Redis is gone; never raises for that reason."""
    if breaker.is_open():
        return None
    try:
        return action(_client(settings.REDIS_URL))
    except (RedisError, OSError) as error:
        breaker.trip()
        logger.warning("Redis is gone (%s); trying again in %s s", type(error).__name__, BREAK_S)
        return None


@lru_cache(maxsize=4)
def _client(url: str) -> Redis:
    return Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
