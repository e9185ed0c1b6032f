"""The doorbell. Rows are the queue; a bell only says that somebody should look.

A bell that is rung again before it was answered stays silent, so a thousand rows cost one
message. When Redis is gone nobody rings, and the workers' own loops and sweeps find the rows.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from core import quickredis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from redis import Redis

logger = logging.getLogger(__name__)

SILENT_MS = 2_000
ROUND_S = 30.0

broker_breaker = quickredis.Breaker()
"""The broker may be another server than the one that knows which bells rang."""


def ring_on_commit(queue: str) -> None:
    """Ring once this transaction has committed, or now where none is open."""
    transaction.on_commit(partial(ring, queue), robust=True)


def ring(queue: str) -> None:
    """Wake a worker for the queue. Never raises and never waits longer than 20 ms for Redis.

    Refuses names that are not in `settings.BELLS` (KeyError): a bell nobody hears is a mistake.
    """
    task = settings.BELLS[queue]
    if not broker_breaker.is_open() and quickredis.attempt(partial(_win, queue)):
        try:
            current_app.send_task(task, retry=False, ignore_result=True)
        except (KombuError, RedisError, OSError) as error:
            broker_breaker.trip()
            logger.warning("the bell %s was not heard (%s)", queue, type(error).__name__)
        else:
            broker_breaker.reset()


def answer[T](queue: str, claim: Callable[[], T]) -> Iterator[T]:
    """Yield what `claim` takes until it takes nothing, or for half a minute.

    The bell may ring again from the first claim on. Where time ends the round it is rung for
    what is left, so that no task outlives its time limit, however fast more comes.
    """
    _silence(queue)
    ends_at = time.monotonic() + ROUND_S
    while taken := claim():
        yield taken
        if time.monotonic() >= ends_at:
            ring(queue)
            return


def _silence(queue: str) -> None:
    """Let the bell ring again: before anything is claimed, never after."""
    quickredis.attempt(lambda redis: redis.delete(_key(queue)))


def _win(queue: str, redis: Redis) -> bool:
    return bool(redis.set(_key(queue), 1, nx=True, px=SILENT_MS))


def _key(queue: str) -> str:
    return f"ring:{queue}"
