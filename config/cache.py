"""A Redis cache that forgets instead of failing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

if TYPE_CHECKING:
    from datetime import timedelta

    from redis.typing import KeyT

    type Timeout = int | timedelta | None


class ForgivingClient(RedisCacheClient):
    """Answers "not there" while Redis is away: signing in must not depend on it."""

    def add(self, key: KeyT, value: Any, timeout: Timeout) -> bool:
        try:
            return bool(super().add(key, value, timeout))
        except redis.RedisError:
            return True

    def get(self, key: KeyT, default: Any) -> Any:
        try:
            return super().get(key, default)
        except redis.RedisError:
            return default

    def set(self, key: KeyT, value: Any, timeout: Timeout) -> None:
        try:
            super().set(key, value, timeout)
        except redis.RedisError:
            return

    def delete(self, key: KeyT) -> bool:
        try:
            return bool(super().delete(key))
        except redis.RedisError:
            return False


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache over the forgiving client."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = params.setdefault("OPTIONS", {})
        options.setdefault("socket_timeout", 0.2)
        options.setdefault("socket_connect_timeout", 0.2)
        super().__init__(server, params)
        self._class = ForgivingClient
