"""The connection to the database breaks while its process lives on.

What was not committed is gone. What was asked to be committed may be there, without the
process knowing. Whoever hears of it must go on with a new connection.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError

if TYPE_CHECKING:
    from tests.moneysim.actors import Actor
    from tests.moneysim.faults import Faults
    from tests.moneysim.kernel import Kernel

GONE = (OperationalError, InterfaceError)
"""What the product is told, then and as long as it holds on to what broke."""
COMMITTED = "commit done"


def connect(kernel: Kernel, faults: Faults) -> None:
    """Let connections break in this schedule, those of processes that may end, too."""
    kernel.is_cut = partial(_is_cut, faults)


def _is_cut(faults: Faults, actor: Actor, label: str) -> bool:
    if not actor.can_crash:
        return False
    return faults.hit("commit_unanswered" if label == COMMITTED else "database_lost")


def perhaps(kernel: Kernel, actor: Actor, label: str) -> bool:
    """Break the actor's connection here, where the schedule says so. Says whether it broke."""
    raw = actor.thread.raw if actor.thread is not None else None
    if raw is None or raw.closed or not kernel.is_cut(actor, label):
        return False
    kernel.note(actor, f"CUT {label}")
    kernel.cuts.append(f"{actor.name} {label}")
    with kernel.locking.giving_back():
        kernel.database.drop(raw)
    kernel.changed()
    return True
