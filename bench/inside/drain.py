"""Working deliveries off in this process; what the provider's client costs is told apart."""

from __future__ import annotations

import cProfile
import pstats
import sys
import threading
import time
from collections import Counter
from typing import Any

from django.db import connection

from bench import cpu
from bench.inside import answer, seconds
from bench.inside.statements import NOT_DATA
from payments.models import WebhookEvent
from payments.providers.sandbox.adapter import Sandbox
from payments.services import webhooks
from payments.services.talking import fetch_all

WARM_UP = 20
TOP = 40


class Client:
    """Adds up the processor time of the provider's client, in whichever thread it runs."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._lock = threading.Lock()
        self._fetch = Sandbox.fetch
        Sandbox.fetch = self._timed(Sandbox.fetch)  # type: ignore[method-assign]

    def _timed(self, fetch: Any) -> Any:
        def timed(adapter: Sandbox, request: Any) -> Any:
            started = time.thread_time()
            try:
                return fetch(adapter, request)
            finally:
                with self._lock:
                    self.seconds += time.thread_time() - started

        return timed


class Statements:
    """Counts statements by their text."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not str(sql).startswith(NOT_DATA):
            self.told[str(sql)] += 1
        return execute(sql, params, many, context)


def main(mode: str = "") -> None:
    """Drain everything that waits. `profile` prints where the time went."""
    client, statements = Client(), Statements()
    webhooks.work_off(webhooks.claim(limit=WARM_UP))
    waiting = WebhookEvent.objects.filter(state="received").count()
    client.seconds = 0
    profiler = _profile_applying() if mode == "profile" else None
    before, own_before = seconds(), time.process_time()
    if mode == "statements":
        with connection.execute_wrapper(statements):
            webhooks.drain()
    else:
        webhooks.drain()
    own = time.process_time() - own_before
    used = seconds() - before
    if profiler:
        _print(profiler)
    events = max(1, waiting)
    left = WebhookEvent.objects.exclude(state="done").exclude(error="").values_list("error")
    answer(
        {
            "events": waiting,
            "ms": (used - client.seconds) / events * 1000,
            "client_ms": client.seconds / events * 1000,
            "own_ms": (own - client.seconds) / events * 1000,
            # The few of a whole batch are no statement of one event.
            "statements": sum(statements.told.values()) // events,
            "told": statements.told.most_common(TOP),
            "errors": list(left[:5]),
            "at": cpu.machine(),
        }
    )


def _profile_applying() -> Any:
    """Profile what happens between the fetched answer and the commit, which is in this thread."""
    profiler = cProfile.Profile(time.thread_time)
    apply = webhooks._apply_answer  # noqa: SLF001

    def applying(*arguments: Any) -> None:
        profiler.enable()
        apply(*arguments)
        profiler.disable()

    patched: Any = webhooks
    patched._apply_answer = applying  # noqa: SLF001
    patched.fetch_all = lambda asked: iter(list(fetch_all(asked)))
    return profiler


def _print(profiler: Any) -> None:
    figures = pstats.Stats(profiler, stream=sys.stderr)
    figures.sort_stats("tottime").print_stats(45)
    figures.sort_stats("cumulative").print_stats(70)


if __name__ == "__main__":
    main(*sys.argv[1:])
