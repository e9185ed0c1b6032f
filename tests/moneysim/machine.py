"""The machine as a whole: clock, database, kernel and yield points, put up and taken down."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from tests.moneysim.clock import STARTS_AT, Clock
from tests.moneysim.database import Database
from tests.moneysim.hooks import Hooks
from tests.moneysim.kernel import Habits, Kernel
from tests.moneysim.patches import Patches
from tests.moneysim.provider import ADAPTERS

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
        self._lasting = Patches()
        Hooks(self.kernel, self._lasting)
        for kind, adapter in ADAPTERS.items():
            path = f"{adapter.__module__}.{adapter.__name__}"
            self._lasting.put(settings.PAYMENT_PROVIDERS, kind, path)

    def begin(self, seed: object, habits: Habits | None = None) -> Kernel:
        """Empty the database, set the clock back, and give the kernel for one schedule."""
        self.clock.now = 0
        self.clock.move_to(STARTS_AT)
        self.database.reset()
        gc.collect(1)
        self.kernel.begin(seed, habits)
        return self.kernel

    @contextmanager
    def patched(self) -> Iterator[None]:
        """What is put in place during one schedule is taken away after it."""
        try:
            yield
        finally:
            self.patches.undo()

    def close(self) -> None:
        """Leave the process as it was."""
        self.clock.stop()
        self.kernel.close()
        self.patches.undo()
        self._lasting.undo()
        self.database.close()


@contextmanager
def machine() -> Iterator[Machine]:
    """Put the machine up for the database that Django uses now."""
    made = Machine()
    made.clock.start()
    gc.disable()
    try:
        yield made
    finally:
        made.close()
        gc.enable()
