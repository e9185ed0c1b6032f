"""What came of a run, compared with what was promised: one sentence for each shortfall."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

RECOVERY_S = 30
APPLIED = "done"
# What a program may meet while its servers are struck; anything else is a mistake of ours. The
# last is Celery's own way to end when it loses Redis at the wrong moment (celery/kombu#582).
EXPECTED = re.compile(
    r"django\.db\.utils\.(Operational|Interface)Error\b"
    r"|psycopg\.(OperationalError|errors\.AdminShutdown)\b"
    r"|redis\.exceptions\.(Connection|Timeout)Error\b"
    r"|kombu\.exceptions\.OperationalError\b"
    r"|billiard\.exceptions\.WorkerLostError\b"
    r"|celery\.beat\.SchedulingError: .*(connecting to|Connection|Timeout)"
    r"|AttributeError: 'NoneType' object has no attribute 'hostname'$"
)


def lost_webhooks(answered: Iterable[str], inbox: Mapping[str, str]) -> Iterator[str]:
    """Deliveries that were answered 2xx and are not kept, or kept and never applied."""
    for event in sorted(set(answered)):
        state = inbox.get(event)
        if state is None:
            yield f"webhook {event} was answered well and is not kept"
        elif state != APPLIED:
            yield f"webhook {event} was answered well and is {state}, not applied"


def broken_promises(
    promised: Mapping[str, set[str]],
    unanswered: Mapping[str, int],
    before: Mapping[str, Sequence[str]],
    after: Mapping[str, Sequence[str]],
) -> Iterator[str]:
    """Objects that the API said it made and that are gone, and those made twice."""
    for path in after:
        made = set(after[path]) - set(before[path])
        for name in sorted(promised.get(path, set()) - made):
            yield f"{path}: {name} was promised and is not kept"
        surplus = len(made - promised.get(path, set())) - unanswered.get(path, 0)
        if surplus > 0:
            yield f"{path}: {surplus} were made that nobody asked for"


def doubled_receipts(receipts: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Captures that more than one receipt was written for."""
    for cause, times in Counter(cause for cause, _ in receipts).items():
        if times > 1:
            yield f"{cause} has {times} receipts"


def doubled_messages(sandbox: Path) -> Iterator[str]:
    """Messages that the gateway was given more than once, read from its own memory."""
    with closing(sqlite3.connect(f"file:{sandbox}?mode=ro", uri=True)) as memory:
        found = memory.execute("SELECT id, count(*) FROM message GROUP BY id HAVING count(*) > 1")
        for message, times in found:
            yield f"message {message} was handed over {times} times"


def slow_recoveries(seconds: Iterable[float | None]) -> Iterator[str]:
    """Stops of the database after which nothing was done for too long."""
    for number, waited in enumerate(seconds, 1):
        if waited is None:
            yield f"after stop {number} of the database nothing was done again"
        elif waited >= RECOVERY_S:
            yield f"after stop {number} of the database it took {waited:.0f} s to work again"


def unexpected(exceptions: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Exceptions in the programs' logs that no strike explains."""
    for name, note, error in exceptions:
        if not EXPECTED.match(error):
            yield f"{name}: {note}: {error}"


def restless(ended: Mapping[str, int], redis_losses: int) -> Iterator[str]:
    """Programs that ended by themselves; a worker may, as often as Redis was taken from it."""
    for name, times in ended.items():
        if times > (redis_losses if name == "worker" else 0):
            yield f"{name} ended by itself {times} times"


def too_few(wanted: Mapping[str, int], happened: Mapping[str, int]) -> Iterator[str]:
    """What should have happened so many times and did not."""
    for name, times in wanted.items():
        if happened.get(name, 0) < times:
            yield f"{name}: {happened.get(name, 0)} times, not {times}"
