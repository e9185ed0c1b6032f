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
    from collections.abc import Iterator

    from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

QUEUE = "webhooks"


@pytest.fixture(autouse=True)
def _quiet(settings: Settings) -> Iterator[None]:
    quickredis.breaker.reset()
    redis = Redis.from_url(settings.REDIS_URL)
    redis.flushall()
    yield
    quickredis.breaker.reset()
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


def test_without_redis_a_ring_is_quick_and_never_raises(
    rung: list[str], settings: Settings
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    started = time.monotonic()
    for _ in range(100):
        bell.ring(QUEUE)
        list(bell.answer(QUEUE, list))

    assert time.monotonic() - started < 0.25
    assert rung == []


def test_a_redis_that_accepts_and_never_answers_costs_one_timeout(
    rung: list[str], settings: Settings
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        settings.REDIS_URL = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"

        started = time.monotonic()
        for _ in range(100):
            bell.ring(QUEUE)

        assert time.monotonic() - started < 0.25
    assert rung == []


def test_a_broker_that_fails_after_the_ring_raises_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_name: str, **_options: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", fail)

    bell.ring(QUEUE)

    assert quickredis.breaker.is_open()


def test_the_breaker_closes_again(
    rung: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quickredis, "BREAK_S", 0.05)
    good = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    bell.ring(QUEUE)
    settings.REDIS_URL = good
    bell.ring(QUEUE)
    assert rung == []

    time.sleep(0.06)
    bell.ring(QUEUE)

    assert len(rung) == 1
