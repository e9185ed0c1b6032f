"""How often a key may ask: a count in Redis for each key and minute."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings
from rest_framework.throttling import BaseThrottle

from core import quickredis

if TYPE_CHECKING:
    from redis import Redis
    from rest_framework.request import Request
    from rest_framework.views import APIView

WINDOW_S = 60


class PerKey(BaseThrottle):
    """Refuses a key that has asked more often in this minute than the setting allows.

    One INCR a request. Where Redis is gone, or the setting is 0, everybody is let in: this
    guards against a program that runs wild, not against an attacker.
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        del view
        allowed = settings.API_REQUESTS_PER_MINUTE
        if not allowed or request.auth is None:
            return True
        name = f"rate:{request.auth.pk}:{int(time.time()) // WINDOW_S}"
        asked = quickredis.attempt(lambda redis: _count(redis, name))
        return asked is None or asked <= allowed

    def wait(self) -> float:
        return WINDOW_S - time.time() % WINDOW_S


def _count(redis: Redis, name: str) -> int:
    """Count one more. The first one of a window lets it be forgotten."""
    asked = int(redis.incr(name))
    if asked == 1:
        redis.expire(name, 2 * WINDOW_S)
    return asked
