"""Whether this process lives, and whether the house around it works."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from core import jobs, quickredis
from core.policy import public

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

logger = logging.getLogger(__name__)

HEARTBEAT_AGE = timedelta(seconds=45)
SWEEP_AGE = timedelta(seconds=120)


@public
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer at all. Touches nothing outside this process."""
    del request
    return HttpResponse("ok\n", content_type="text/plain")


@public
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say which parts answer: 200 when all do, else 503. Names no address and no error text."""
    del request
    parts = {name: _holds(question) for name, question in QUESTIONS.items()}
    is_ready = all(parts.values())
    return JsonResponse({"ready": is_ready, "parts": parts}, status=200 if is_ready else 503)


def _holds(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except DatabaseError:
        logger.warning("readiness: the database did not answer")
        return False


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone())


def broker_answers() -> bool:
    answer: bool | None = quickredis.attempt(lambda redis: bool(redis.ping()))
    return answer is True


def is_recent(job: str, age: timedelta) -> bool:
    """Whether a job of the clock came by within `age`."""
    seen_at = jobs.last_beat(job)
    return bool(seen_at and timezone.now() - seen_at < age)


QUESTIONS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "broker": broker_answers,
    "worker": lambda: is_recent("heartbeat", HEARTBEAT_AGE),
    "sweep": lambda: is_recent("sweep", SWEEP_AGE),
}
