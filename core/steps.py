"""Steps of a sweep that stand by themselves: one that fails stops no other."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import close_old_connections

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


def safely[T](act: Callable[[], T], /, *, otherwise: T, told: str, **named: object) -> T:
    """Take a step. Where it fails, `told` and what is named go to the log, and `otherwise` counts.

    Call it outside of any transaction.
    """
    try:
        return act()
    except Exception:  # The next step is somebody else's money.
        logger.exception(told, extra=named)
        close_old_connections()  # Else a connection that broke would fail every step after it.
        return otherwise
