from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from core import jobs, quickredis


@pytest.fixture(autouse=True)
def _closed_breaker() -> None:
    quickredis.breaker.reset()


def test_a_process_that_lives_says_so_without_the_database() -> None:
    response = Client().get("/healthz")

    assert response.status_code == 200
    assert response.content == b"ok\n"


@pytest.mark.django_db
def test_ready_when_every_part_came_by() -> None:
    jobs.beat("heartbeat")
    jobs.beat("sweep")

    response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "parts": {"database": True, "broker": True, "worker": True, "sweep": True},
    }


@pytest.mark.django_db
def test_not_ready_without_a_worker() -> None:
    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["parts"]["worker"] is False


@pytest.mark.django_db
def test_an_old_heartbeat_does_not_count() -> None:
    jobs.beat("heartbeat")
    jobs.beat("sweep")

    with time_machine.travel(timezone.now() + timedelta(seconds=60), tick=False):
        parts = Client().get("/readyz").json()["parts"]

    assert parts["worker"] is False
    assert parts["sweep"] is True


@pytest.mark.django_db
def test_not_ready_without_the_broker(settings: Any) -> None:
    settings.REDIS_URL = "unix:///nowhere/valkey.sock?db=0"
    jobs.beat("heartbeat")
    jobs.beat("sweep")

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["parts"] == {
        "database": True,
        "broker": False,
        "worker": True,
        "sweep": True,
    }
