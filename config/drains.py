"""The workers' own loop: what is found when no bell rings, because Redis is away or forgot."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from celery.signals import worker_ready, worker_shutdown
from django.conf import settings
from django.db import close_old_connections

if TYPE_CHECKING:
    from celery import Celery

logger = logging.getLogger(__name__)

AT_ONCE = ("core.tasks.heartbeat", "payments.tasks.sweep")
_is_over = threading.Event()
"""The worker has ended, well or not, and its process will: nothing new is taken from a queue."""


@worker_ready.connect
def start_loops(sender: Any, **_: object) -> None:
    """Start one thread for each bell whose queue this worker serves: none waits for another.

    What was left behind while no worker lived is swept at once.
    """
    app: Celery = sender.app
    threading.Thread(target=_sweep_once, args=(app,), name="first sweep", daemon=True).start()
    served = set(app.amqp.queues.consume_from)
    for bell, task in settings.BELLS.items():
        if app.amqp.router.route({}, task)["queue"].name in served:
            threading.Thread(
                target=_drain_forever, args=(app, task), name=bell, daemon=True
            ).start()


@worker_shutdown.connect
def end_loops(**_: object) -> None:
    """Take nothing more: what is taken while the process ends waits until its lease is over."""
    _is_over.set()


def _sweep_once(app: Celery) -> None:
    for task in AT_ONCE:
        if not _is_over.is_set():
            drain_once(app, task)


def _drain_forever(app: Celery, task: str) -> None:
    while not _is_over.wait(settings.DRAIN_LOOP_SECONDS):
        drain_once(app, task)


def drain_once(app: Celery, task: str) -> None:
    """Drain one queue in this thread. Never raises: the next round tries again.

    A drain that is cut short by the end of its process is no failure: another worker goes on.
    """
    try:
        close_old_connections()
        app.tasks[task]()
    except Exception:  # a loop that ends would leave rows waiting
        if _is_over.is_set():
            logger.info("draining %s was cut short", task)
        else:
            logger.exception("draining %s failed", task)
