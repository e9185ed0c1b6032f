"""What the product's log says is evidence, too: an error that no fault explains is a finding."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.moneysim.cuts import GONE
from tests.moneysim.kernel import current

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.moneysim.kernel import Kernel


class Listener(logging.Handler):
    """Takes errors as findings, except those that a fault of this schedule brings about."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(logging.ERROR)
        self.kernel = kernel

    def emit(self, record: logging.LogRecord) -> None:
        actor = current()
        if actor is None or actor.is_dead:
            return
        error = record.exc_info[1] if record.exc_info else None
        if error is None and record.name == "django.request":
            return  # A refusal that the product chose.
        if self.kernel.cuts and _is_of_a_cut(record, error):
            return  # A connection broke. Whoever used it says so.
        if isinstance(error, KeyError) and record.getMessage() == "adapter failed":
            return  # The fault named unreadable.
        self.kernel.findings.append(f"I-14: in the log: {record.getMessage()} {error!r}"[:400])


def _is_of_a_cut(record: logging.LogRecord, error: BaseException | None) -> bool:
    """Whether it tells of a broken connection, if only by the name of the error."""
    names = {one.__name__ for one in GONE}
    return isinstance(error, GONE) or any(str(one) in names for one in record.args or ())


@contextmanager
def listening(kernel: Kernel) -> Iterator[None]:
    """Hear errors instead of printing everything."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers = [Listener(kernel)]
    root.setLevel(logging.ERROR)
    try:
        yield
    finally:
        root.handlers = before
        root.setLevel(level)
