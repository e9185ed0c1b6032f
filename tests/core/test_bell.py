"""A bell wakes somebody once, and its silence costs nothing."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.db import transaction
from redis import Redis

from core import bell, quickredis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

QUEUE = "webhooks"


def _reset() -> None:
    quickredis.breaker.reset()
    bell.broker_breaker.reset()


class Clock:
    """Stands in for the module `time`; a test moves it."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    def seconds_until(self, is_so: Callable[[], bool]) -> float:
        """Move on by quarters of a second until it is so."""
        began = self.now
        while not is_so():
            self.now += 0.25
        return self.now - began


def test_failures_at_once_break_as_long_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quickredis, "time", clock := Clock())
    for _ in range(3):
        quickredis.breaker.trip()

    assert clock.seconds_until(lambda: not quickredis.breaker.is_open()) == 0.25


@pytest.fixture
def _patient() -> Iterator[None]:
    quickredis.be_patient()
    yield
    quickredis._patience_s = quickredis.FOR_REQUESTS_S
    quickredis._client.cache_clear()


def patience_of_a_client() -> float:
    pool = quickredis._client("redis://127.0.0.1:1/0").connection_pool
    return float(pool.connection_kwargs["socket_timeout"])


def test_a_request_waits_twenty_milliseconds_for_redis() -> None:
    assert patience_of_a_client() == 0.02


@pytest.mark.usefixtures("_patient")
def test_a_worker_waits_half_a_second() -> None:
    assert patience_of_a_client() == 0.5


def count_tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The address of each Redis that something was tried with, as often as it was."""
    tried: list[str] = []
    known = quickredis._client

    def client(url: str) -> Redis:
        tried.append(url)
        return known(url)

    monkeypatch.setattr(quickredis, "_client", client)
    return tried


@pytest.fixture(autouse=True)
def _quiet(settings: Settings) -> Iterator[None]:
    _reset()
    redis = Redis.from_url(settings.REDIS_URL)
    redis.flushall()
    yield
    _reset()
    redis.flushall()
    redis.close()


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tasks that reached the broker."""
    sent: list[str] = []

    def note(name: str, **_options: Any) -> None:
        sent.append(name)

    monkeypatch.setattr(current_app, "send_task", note)
    return sent


def test_a_thousand_rows_ring_once(rung: list[str]) -> None:
    for _ in range(1_000):
        bell.ring(QUEUE)

    assert rung == [django_settings.BELLS[QUEUE]]


def test_after_an_answer_the_bell_rings_again(rung: list[str]) -> None:
    bell.ring(QUEUE)
    assert list(bell.answer(QUEUE, list)) == []
    bell.ring(QUEUE)

    assert len(rung) == 2


def test_an_answer_takes_until_nothing_is_left(rung: list[str]) -> None:
    waiting = ["first", "second", ""]

    assert list(bell.answer(QUEUE, lambda: waiting.pop(0))) == ["first", "second"]

    assert rung == []


def test_where_more_comes_without_end_an_answer_ends_and_rings_for_the_rest(
    rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "ROUND_S", 0.05)

    def claim() -> str:
        time.sleep(0.02)
        return "more"

    taken = list(bell.answer(QUEUE, claim))

    assert 1 <= len(taken) <= 3
    assert rung == [django_settings.BELLS[QUEUE]]


def test_queues_ring_apart(rung: list[str]) -> None:
    bell.ring("webhooks")
    bell.ring("messages")

    assert len(rung) == 2


def test_an_unknown_bell_is_a_mistake(rung: list[str]) -> None:
    with pytest.raises(KeyError):
        bell.ring("nobody listens")

    assert rung == []


@pytest.mark.django_db(transaction=True)
def test_nobody_is_woken_for_what_was_rolled_back(rung: list[str]) -> None:
    @transaction.atomic
    def break_off() -> None:
        bell.ring_on_commit(QUEUE)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()

    assert rung == []


@pytest.mark.django_db
def test_the_bell_rings_after_the_commit(
    rung: list[str], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        bell.ring_on_commit(QUEUE)
        assert rung == []

    assert len(rung) == 1


def test_without_redis_a_hundred_rings_try_once_and_never_raise(
    rung: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quickredis, "time", Clock())
    tried = count_tries(monkeypatch)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    for _ in range(100):
        bell.ring(QUEUE)
        list(bell.answer(QUEUE, list))

    assert (tried, rung) == ([settings.REDIS_URL], [])


def test_a_redis_that_accepts_and_never_answers_is_waited_for_once(
    rung: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quickredis, "time", Clock())
    tried = count_tries(monkeypatch)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.REDIS_URL = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"

        for _ in range(100):
            bell.ring(QUEUE)

    assert (tried, rung) == ([settings.REDIS_URL], [])


def test_a_broker_that_fails_after_the_ring_raises_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_name: str, **_options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", fail)

    bell.ring(QUEUE)

    assert bell.broker_breaker.is_open()


def test_while_the_broker_is_left_alone_no_bell_counts_as_rung(
    rung: list[str], settings: Settings
) -> None:
    bell.broker_breaker.trip()

    bell.ring(QUEUE)

    assert rung == []
    assert not Redis.from_url(settings.REDIS_URL).exists(f"ring:{QUEUE}")


def test_the_breaker_closes_again(
    rung: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quickredis, "time", clock := Clock())
    good = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    bell.ring(QUEUE)
    settings.REDIS_URL = good
    bell.ring(QUEUE)
    assert rung == []

    clock.now += quickredis.FIRST_BREAK_S
    bell.ring(QUEUE)

    assert len(rung) == 1


def test_each_failure_breaks_for_twice_as_long_and_a_success_ends_that(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(quickredis, "time", clock := Clock())
    good, breaks = settings.REDIS_URL, []
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    for _ in range(7):
        bell.ring(QUEUE)
        breaks.append(clock.seconds_until(lambda: not quickredis.breaker.is_open()))
    settings.REDIS_URL = good
    bell.ring(QUEUE)

    assert breaks == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    assert quickredis.breaker.trip() == 0.25
