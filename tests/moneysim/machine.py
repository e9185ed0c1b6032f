"""The machine as a whole: clock, database, kernel and yield points, put up and taken down."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.moneysim.clock import STARTS_AT, Clock
from tests.moneysim.database import Database
from tests.moneysim.hooks import Hooks
from tests.moneysim.kernel import Habits, Kernel
from tests.moneysim.patches import Patches

if TYPE_CHECKING:
    from collections.abc import Iterator


class Machine:
    """What schedules run on. One at a time in a process."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.database = Database()
        self.clock.tell = self.database.tell
        self.kernel = Kernel(self.clock, self.database)
        self.patches = Patches()
        Hooks(self.kernel, self.patches)

    def begin(self, seed: object, habits: Habits | None = None) -> Kernel:
        """Empty the database, set the clock back, and give the kernel for one schedule."""
        self.clock.now = 0
        self.clock.move_to(STARTS_AT)
        self.database.reset()
        self.kernel.begin(seed, habits)
        return self.kernel


@contextmanager
def machine() -> Iterator[Machine]:
    """Put the machine up for the database that Django uses now."""
    made = Machine()
    made.clock.start()
    try:
        yield made
    finally:
        made.clock.stop()
        made.kernel.close()
        made.patches.undo()
        made.database.close()
