"""A Redis cache that forgets instead of failing."""

from __future__ import annotations

from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class ForgivingClient(RedisCacheClient):
    """Answers "not there" while Redis is away: signing in must not depend on it."""

    def add(self, key: str, value: Any, timeout: int | None) -> bool:
        try:
            return bool(super().add(key, value, timeout))
        except redis.RedisError:
            return True

    def get(self, key: str, default: Any) -> Any:
        try:
            return super().get(key, default)
        except redis.RedisError:
            return default

    def set(self, key: str, value: Any, timeout: int | None) -> None:
        try:
            super().set(key, value, timeout)
        except redis.RedisError:
            return

    def delete(self, key: str) -> bool:
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
