"""What the product's log says is evidence, too: an error that no fault explains is a finding."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db.utils import InterfaceError, OperationalError

from tests.moneysim.kernel import current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.moneysim.actors import Actor
    from tests.moneysim.faults import Faults
    from tests.moneysim.kernel import Kernel


class Listener(logging.Handler):
    """Takes errors as findings, except those that a fault of this schedule brings about."""

    def __init__(self, kernel: Kernel, faults: Faults) -> None:
        super().__init__(logging.ERROR)
        self.kernel = kernel
        self.faults = faults

    def emit(self, record: logging.LogRecord) -> None:
        actor = current()
        if actor is None or actor.is_dead:
            return
        error = record.exc_info[1] if record.exc_info else None
        if error is None and record.name == "django.request":
            return  # A refusal that the product chose.
        if isinstance(error, KeyError) and record.getMessage() == "adapter failed":
            return  # The fault named unreadable.
        if not self.explains(error):
            self.kernel.findings.append(f"log: {record.getMessage()} {error!r}"[:400])

    def explains(self, error: BaseException | None) -> bool:
        """Whether a fault of this schedule brings such an error about."""
        is_of_database = isinstance(error, (OperationalError, InterfaceError))
        return is_of_database and bool(self.faults.seen.get("database_gone"))

    def on_error(self, actor: Actor, error: BaseException) -> None:
        """Something that nobody caught ended a process."""
        if not self.explains(error):
            self.kernel.findings.append(f"{actor.name} raised {error!r}"[:400])


@contextmanager
def listening(kernel: Kernel, faults: Faults) -> Iterator[None]:
    """Hear errors instead of printing everything."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    listener = Listener(kernel, faults)
    kernel.on_error = listener.on_error
    root.handlers = [listener]
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.handlers = before
        root.setLevel(level)
