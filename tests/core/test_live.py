"""Open pages hear what changed, and only what their reader may see."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from asgiref.sync import async_to_sync, sync_to_async
from django.db import DatabaseError, connections, transaction
from django.test import AsyncClient, Client

from core import hub, live, quickredis, sessions, views
from core.models import User
from tests.factories.core import agent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Iterator

    from pytest_django import Settings

    type AsyncTest = Callable[..., Coroutine[Any, Any, None]]

pytestmark = pytest.mark.django_db(transaction=True)

BACKEND = "core.backends.PeopleBackend"
SLOW = 3600.0


class Things:
    """Versions that a test sets, instead of rows of an app."""

    def __init__(self) -> None:
        self.versions = {"thing:a": 1, "thing:b": 7}
        self.is_broken = False

    def __call__(self, user: User, ids: list[str]) -> dict[str, int]:
        assert user.pk
        if self.is_broken:
            raise DatabaseError
        wanted = {f"thing:{public_id}" for public_id in ids}
        return {topic: self.versions[topic] for topic in wanted & set(self.versions)}


@pytest.fixture
def things(monkeypatch: pytest.MonkeyPatch) -> Things:
    resolver = Things()
    monkeypatch.setitem(live._resolvers, "thing", resolver)
    return resolver


@pytest.fixture(autouse=True)
def _redis() -> Iterator[None]:
    quickredis.breaker.reset()
    yield
    quickredis.breaker.reset()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions are compared often, and access each time."""
    monkeypatch.setattr(views, "COMPARE_S", 0.02)
    monkeypatch.setattr(views, "CHECK_ACCESS_S", 0.0)


def sign_in(client: Client | AsyncClient, user: User) -> None:
    client.force_login(user, BACKEND)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa"}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()


@pytest.fixture
def reader() -> AsyncClient:
    client = AsyncClient()
    sign_in(client, agent())
    return client


class Page:
    """A browser's end of one stream."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self.chunks = chunks
        self.heard: list[tuple[str, int]] = []

    async def listen(self, *, until: int, seconds: float = 5) -> list[tuple[str, int]]:
        """Read on until so many events were heard in all, or the stream ends."""

        async def read() -> None:
            while len(self.heard) < until:
                text = (await anext(self.chunks)).decode()
                for line in text.splitlines():
                    if line.startswith("data: "):
                        event = json.loads(line.removeprefix("data: "))
                        self.heard.append((event["topic"], event["version"]))

        async with asyncio.timeout(seconds):
            await read()
        return sorted(self.heard)

    async def read_to_the_end(self) -> None:
        async with asyncio.timeout(5):
            async for _ in self.chunks:
                pass


@asynccontextmanager
async def opened(client: AsyncClient, topics: str) -> AsyncIterator[Page]:
    response: Any = await client.get(f"/live/stream?topics={topics}")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    chunks = aiter(response.streaming_content)
    try:
        yield Page(chunks)
    finally:
        # Cancelled while it waits for news: what the server does when a browser goes away.
        reading = asyncio.create_task(anext(chunks))
        await asyncio.sleep(0.01)
        reading.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await reading


async def published(topic: str, version: int) -> None:
    """Publish until somebody listens: a subscription takes a moment."""
    message = json.dumps({"topic": topic, "version": version})
    async with asyncio.timeout(5):
        while not await sync_to_async(
            lambda: quickredis.attempt(lambda redis: redis.publish(live.CHANNEL, message))
        )():
            await asyncio.sleep(0.02)


@async_to_sync
async def hear_present_versions(reader: AsyncClient) -> list[tuple[str, int]]:
    async with opened(reader, "thing:a,thing:b,thing:hidden,nonsense:x") as page:
        return await page.listen(until=2)


def test_a_stream_begins_with_what_the_reader_may_see(things: Things, reader: AsyncClient) -> None:
    assert hear_present_versions(reader) == [("thing:a", 1), ("thing:b", 7)]


def test_news_arrive_through_redis(
    things: Things, reader: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "COMPARE_S", SLOW)

    @async_to_sync
    async def scenario() -> list[tuple[str, int]]:
        async with opened(reader, "thing:a") as page:
            await page.listen(until=1)
            await published("thing:b", 8)  # Not asked for.
            await published("thing:a", 1)  # Known already.
            await published("thing:a", 2)
            return await page.listen(until=2)

    assert scenario() == [("thing:a", 1), ("thing:a", 2)]


def test_a_lost_message_costs_seconds_only(
    things: Things, reader: AsyncClient, quick: None
) -> None:
    @async_to_sync
    async def scenario() -> list[tuple[str, int]]:
        async with opened(reader, "thing:a") as page:
            await page.listen(until=1)
            things.versions["thing:a"] = 5
            return await page.listen(until=2)

    assert scenario() == [("thing:a", 1), ("thing:a", 5)]


def test_without_redis_the_page_still_hears(
    things: Things, reader: AsyncClient, quick: None, settings: Settings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    test_a_lost_message_costs_seconds_only(things, reader, quick)


def test_what_may_no_longer_be_seen_is_no_longer_heard(
    things: Things, reader: AsyncClient, quick: None
) -> None:
    @async_to_sync
    async def scenario() -> list[tuple[str, int]]:
        async with opened(reader, "thing:a,thing:b") as page:
            await page.listen(until=2)
            del things.versions["thing:a"]
            await asyncio.sleep(0.1)
            await published("thing:a", 9)
            things.versions["thing:b"] = 8
            return await page.listen(until=3)

    assert scenario() == [("thing:a", 1), ("thing:b", 7), ("thing:b", 8)]


@pytest.mark.parametrize("way_out", ["sign out", "lose the account", "change the password"])
def test_a_stream_ends_with_its_session(
    things: Things, reader: AsyncClient, quick: None, way_out: str
) -> None:
    def leave() -> None:
        if way_out == "sign out":
            reader.session.flush()
        elif way_out == "lose the account":
            User.objects.update(is_active=False)
        else:
            user = User.objects.get()
            user.set_password("another long one")
            user.save()

    @async_to_sync
    async def scenario() -> None:
        async with opened(reader, "thing:a") as page:
            await page.listen(until=1)
            await sync_to_async(leave)()
            await page.read_to_the_end()

    scenario()


def test_a_stream_ends_after_its_time(
    things: Things, reader: AsyncClient, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "STREAM_S", 0.1)

    @async_to_sync
    async def scenario() -> None:
        async with opened(reader, "thing:a") as page:
            await page.read_to_the_end()

    scenario()


def test_a_fourth_stream_is_refused_until_one_ends(things: Things, reader: AsyncClient) -> None:
    @async_to_sync
    async def scenario() -> list[int]:
        answers = []
        async with opened(reader, "thing:a") as first, opened(reader, "thing:a") as second:
            await first.listen(until=1)
            await second.listen(until=1)
            async with opened(reader, "thing:a") as third:
                await third.listen(until=1)
                answers.append((await reader.get("/live/stream?topics=thing:a")).status_code)
            async with opened(reader, "thing:a") as again:
                await again.listen(until=1)
                answers.append(200)
        return answers

    assert scenario() == [429, 200]


def test_an_idle_stream_holds_no_database_connection(things: Things, reader: AsyncClient) -> None:
    @async_to_sync
    async def scenario() -> bool:
        async with opened(reader, "thing:a") as page:
            await page.listen(until=1)
            return await sync_to_async(lambda: connections["default"].connection is None)()

    assert scenario()


def test_a_database_that_is_away_ends_no_stream(
    things: Things, reader: AsyncClient, quick: None
) -> None:
    @async_to_sync
    async def scenario() -> list[tuple[str, int]]:
        async with opened(reader, "thing:a") as page:
            await page.listen(until=1)
            things.is_broken = True
            await asyncio.sleep(0.1)
            things.is_broken, things.versions["thing:a"] = False, 2
            return await page.listen(until=2)

    assert scenario() == [("thing:a", 1), ("thing:a", 2)]


def test_a_stranger_hears_nothing(things: Things) -> None:
    @async_to_sync
    async def scenario() -> int:
        response = await AsyncClient().get(
            "/live/stream?topics=thing:a", headers={"Sec-Fetch-Mode": "cors"}
        )
        return int(response.status_code)

    assert scenario() == 401


def test_a_page_without_a_stream_asks_for_versions(things: Things) -> None:
    client = Client()
    sign_in(client, agent())

    response = client.get("/live/versions?topics=thing:a,thing:hidden&topics=thing:b")

    assert response.json() == {"versions": {"thing:a": 1, "thing:b": 7}}
    assert response["Cache-Control"] == "no-store"


def test_more_topics_than_a_page_shows_are_left_out(things: Things) -> None:
    topics = [f"other:{number}" for number in range(live.MOST_TOPICS)]

    assert live.versions(agent(), [*topics, "thing:a"]) == {}


def test_news_are_published_after_the_commit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int]] = []
    monkeypatch.setattr(live, "publish", lambda topic, version: told.append((topic, version)))

    with transaction.atomic():
        live.publish_on_commit("thing:a", 2)
        assert told == []

    assert told == [("thing:a", 2)]


def test_publishing_without_redis_raises_nothing(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    live.publish("thing:a", 2)

    assert quickredis.breaker.is_open()


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b'{"topic": "thing:a", "version": "x"}'])
def test_a_message_that_cannot_be_read_is_dropped(payload: bytes) -> None:
    hub.Hub().deliver(payload)


def test_a_page_that_stopped_reading_costs_a_bounded_queue() -> None:
    @async_to_sync
    async def scenario() -> int:
        crowded = hub.Hub()
        with crowded.subscribed(1, ["thing:a"]) as inbox:
            for version in range(hub.MOST_WAITING * 2):
                crowded.deliver(json.dumps({"topic": "thing:a", "version": version}))
            waiting = inbox.qsize()
        await asyncio.sleep(0.01)
        return waiting

    assert scenario() == hub.MOST_WAITING


def test_a_session_that_is_too_old_belongs_to_nobody() -> None:
    client = Client()
    sign_in(client, agent())
    client.get("/live/versions")
    session = client.session
    assert sessions.find_user(str(session.session_key)) is not None

    session[sessions.SEEN_AT] -= 16 * 60
    session.save()

    assert sessions.find_user(str(session.session_key)) is None
    assert sessions.find_user("nobody's") is None
