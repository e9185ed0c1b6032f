from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest
from celery import shared_task
from celery.signals import worker_init, worker_shutdown
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import checks, drains
from config.celery import app, broker_url
from config.drains import drain_once
from config.embedded.house import ROOT
from core import quickredis

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize(
    ("redis_url", "broker"),
    [
        ("redis://host:6379/1", "redis://host:6379/1"),
        ("unix:///run/v.sock?db=2", "redis+socket:///run/v.sock?virtual_host=2"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
    ],
)
def test_celery_spells_sockets_in_its_own_way(redis_url: str, broker: str) -> None:
    assert broker_url(redis_url) == broker


def test_every_bell_rings_for_a_task_that_exists() -> None:
    app.autodiscover_tasks(force=True)

    assert [task for task in settings.BELLS.values() if task not in app.tasks] == []


def test_everything_on_the_clock_exists() -> None:
    app.autodiscover_tasks(force=True)
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert scheduled - set(app.tasks) == set()


@shared_task(name="tests.fail")
def fail() -> None:
    raise RuntimeError("this queue is broken")


@pytest.mark.django_db
def test_a_drain_that_fails_does_not_end_the_loop(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        drain_once(app, "tests.fail")

    assert "draining tests.fail failed" in caplog.text


@pytest.fixture
def ending_worker() -> Iterator[None]:
    """A worker that has ended, whose process is still there."""
    worker_shutdown.send(sender=None)
    yield
    drains._is_over.clear()


@pytest.mark.usefixtures("ending_worker")
def test_an_ending_worker_takes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    monkeypatch.setattr(drains, "drain_once", lambda _app, task: taken.append(task))
    loop = threading.Thread(target=drains._drain_forever, args=(app, "tests.fail"), daemon=True)

    loop.start()
    loop.join(10)

    assert (loop.is_alive(), taken) == (False, [])


@pytest.mark.django_db
@pytest.mark.usefixtures("ending_worker")
def test_what_the_end_of_a_worker_cuts_short_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        drain_once(app, "tests.fail")

    assert [one.levelname for one in caplog.records if one.name == drains.__name__] == ["INFO"]


def begin_without_database(folder: Path, **environment: str) -> int:
    """Do what a worker does first, in a process of its own, and return its exit status."""
    address = f"postgres://nobody@/{folder}/nothing"
    ours = {name: value for name, value in os.environ.items() if name != "CELERY_SKIP_CHECKS"}
    ours |= {"DATABASE_URL": address, "DATABASE_OWNER_URL": address}
    begin = "from config.celery import app; app.loader.init_worker()"
    command = [sys.executable, "-c", begin]
    return subprocess.run(
        command, cwd=ROOT, env=ours | environment, stderr=subprocess.DEVNULL, check=False
    ).returncode


def test_a_worker_that_starts_while_the_database_is_away_lives(tmp_path: Path) -> None:
    assert begin_without_database(tmp_path) == 0


def test_with_the_checks_that_celery_would_run_it_ends(tmp_path: Path) -> None:
    assert begin_without_database(tmp_path, CELERY_SKIP_CHECKS="") == 1


def test_nobody_is_served_without_keys(settings: Any) -> None:
    settings.MISSING_KEYS = ["SEAL_KEY"]

    with pytest.raises(ImproperlyConfigured, match="SEAL_KEY must be set"):
        checks.refuse_to_serve_without_keys()

    assert [error.id for error in checks.keys_are_given()] == ["kuitti.E001"]


def test_the_demo_may_not_be_public(settings: Any) -> None:
    settings.KUITTI_DEMO = True
    settings.PUBLIC_URL = "https://kuitti.example"

    assert [error.id for error in checks.demo_is_not_public()] == ["kuitti.E002"]


def test_a_worker_is_more_patient_with_redis_than_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quickredis, "_patience_s", quickredis.FOR_REQUESTS_S)

    worker_init.send(sender=None)

    assert quickredis._patience_s == quickredis.FOR_WORKERS_S
    quickredis._client.cache_clear()
