"""One Redis subscription for each web process, fanned out to every open stream in it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.live import CHANNEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    type Inbox = asyncio.Queue[tuple[str, int]]

logger = logging.getLogger(__name__)

MOST_STREAMS = 3
MOST_WAITING = 200
RETRY_S = 1.0


class TooManyStreams(Exception):
    """The user has as many streams open here as one person needs."""


class Hub:
    """Listens while somebody is listening to it. Belongs to one event loop."""

    def __init__(self) -> None:
        self._inboxes: defaultdict[str, set[Inbox]] = defaultdict(set)
        self._streams: Counter[int] = Counter()
        self._listener: asyncio.Task[None] | None = None

    def is_full(self, user_id: int) -> bool:
        """Say whether the user has as many streams open here as one person needs."""
        return self._streams[user_id] >= MOST_STREAMS

    @contextmanager
    def subscribed(self, user_id: int, topics: Iterable[str]) -> Iterator[Inbox]:
        """Give a queue of (topic, version). Raises TooManyStreams past three per user."""
        if self.is_full(user_id):
            raise TooManyStreams
        topics = frozenset(topics)
        inbox: Inbox = asyncio.Queue(MOST_WAITING)
        self._streams[user_id] += 1
        for topic in topics:
            self._inboxes[topic].add(inbox)
        self._start()
        try:
            yield inbox
        finally:
            self._leave(user_id, topics, inbox)

    def deliver(self, payload: Any) -> None:
        """Hand one message of Redis to whoever waits for its topic; nonsense is dropped."""
        try:
            message = json.loads(payload)
            topic, version = str(message["topic"]), int(message["version"])
        except (ValueError, KeyError, TypeError):
            logger.warning("a live message could not be read")
            return
        for inbox in self._inboxes.get(topic, ()):
            # A full queue belongs to a page that stopped reading: it compares versions later.
            if not inbox.full():
                inbox.put_nowait((topic, version))

    def _start(self) -> None:
        if self._listener is None or self._listener.done():
            self._listener = asyncio.get_running_loop().create_task(self._listen())

    def _leave(self, user_id: int, topics: frozenset[str], inbox: Inbox) -> None:
        for topic in topics:
            self._inboxes[topic].discard(inbox)
            if not self._inboxes[topic]:
                del self._inboxes[topic]
        self._streams[user_id] -= 1
        self._streams += Counter()  # Adding nothing drops the zeros.
        if not self._streams and self._listener is not None:
            self._listener.cancel()
            self._listener = None

    async def _listen(self) -> None:
        """Stay subscribed; whenever Redis goes, try again in a second."""
        while True:
            try:
                await self._receive()
            except (RedisError, OSError) as error:
                logger.info("live news pause (%s)", type(error).__name__)
            await asyncio.sleep(RETRY_S)

    async def _receive(self) -> None:
        async with Redis.from_url(settings.REDIS_URL) as redis, redis.pubsub() as pubsub:
            await pubsub.subscribe(CHANNEL)
            async for message in pubsub.listen():
                if message["type"] == "message":
                    self.deliver(message["data"])


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def of_this_process() -> Hub:
    """Give the hub of the running event loop; a web process has one loop."""
    loop = asyncio.get_running_loop()
    for closed in [known for known in _hubs if known.is_closed()]:
        del _hubs[closed]
    return _hubs.setdefault(loop, Hub())
