"""Finding what everybody else left behind, every 30 seconds."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import close_old_connections
from django.utils import timezone

from core import rows
from payments.services import (
    instalments,
    invoicing,
    keypads,
    links,
    operations,
    reading,
    resolver,
    webhooks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

BATCH = 500

UNSENT = """
    SELECT id FROM payments_provideroperation
     WHERE status = 'created' AND send_until <= %s LIMIT %s
"""
UNANSWERED = """
    SELECT id FROM payments_provideroperation
     WHERE status = 'sent' AND lease_until <= %s LIMIT %s
"""
EXPIRED_LINKS = """
    SELECT id FROM payments_checkoutsession
     WHERE status = 'open' AND expires_at <= %s LIMIT %s
"""


def sweep() -> dict[str, int]:
    """Do once what bells would have asked for, and close what time has closed.

    Safe to run twice, at once, or late. A step that fails does not stop the next.
    """
    steps: dict[str, Callable[[], int]] = {
        "unsent": _unsent,
        "unanswered": _unanswered,
        "expired_links": _expired_links,
        "ended_calls": keypads.stop_ended,
        "operations": operations.drain,
        "webhooks": webhooks.drain,
        "attempts": reading.drain,
        "resolved": resolver.run,
        "instalments": instalments.follow_up_declines,
        "postings": invoicing.drain,
    }
    return {name: _safely(name, step) for name, step in steps.items()}


def _safely(name: str, step: Callable[[], int]) -> int:
    try:
        return step()
    except Exception:  # The next step is somebody else's money.
        logger.exception("a step of the sweep failed", extra={"step": name})
        close_old_connections()  # Else a connection that broke would fail every step after it.
        return 0


def _unsent() -> int:
    return _each(UNSENT, operations.give_up_unsent)


def _unanswered() -> int:
    return _each(UNANSWERED, operations.lose_answer)


def _expired_links() -> int:
    return _each(EXPIRED_LINKS, lambda pk: links.expire_link(session_id=pk))


def _each(due: str, act: Callable[[int], None]) -> int:
    found = rows.select(due, [timezone.now(), BATCH])
    for (pk,) in found:
        act(pk)
    return len(found)
