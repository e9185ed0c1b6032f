"""Finding what everybody else left behind, every 30 seconds."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.utils import timezone

from payments.models import CheckoutSession, ProviderOperation
from payments.services import invoicing, links, operations, reading, resolver, webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

logger = logging.getLogger(__name__)

BATCH = 500


def sweep() -> dict[str, int]:
    """Do once what bells would have asked for, and close what time has closed.

    Safe to run twice, at once, or late. A step that fails does not stop the next.
    """
    steps: dict[str, Callable[[], int]] = {
        "unsent": _unsent,
        "unanswered": _unanswered,
        "expired_links": _expired_links,
        "operations": operations.drain,
        "webhooks": webhooks.drain,
        "attempts": reading.drain,
        "resolved": resolver.run,
        "postings": invoicing.drain,
    }
    return {name: _safely(name, step) for name, step in steps.items()}


def _safely(name: str, step: Callable[[], int]) -> int:
    try:
        return step()
    except Exception:  # The next step is somebody else's money.
        logger.exception("a step of the sweep failed", extra={"step": name})
        return 0


def _unsent() -> int:
    waiting = ProviderOperation.objects.filter(
        status=ProviderOperation.Status.CREATED, send_until__lte=timezone.now()
    )
    return _each(waiting.values_list("pk", flat=True)[:BATCH], operations.give_up_unsent)


def _unanswered() -> int:
    lost = ProviderOperation.objects.filter(
        status=ProviderOperation.Status.SENT, lease_until__lte=timezone.now()
    )
    return _each(lost.values_list("pk", flat=True)[:BATCH], operations.lose_answer)


def _expired_links() -> int:
    over = CheckoutSession.objects.filter(
        status=CheckoutSession.Status.OPEN, expires_at__lte=timezone.now()
    )
    ids = over.values_list("pk", flat=True)[:BATCH]
    return _each(ids, lambda pk: links.expire_link(session_id=pk))


def _each(ids: Iterable[int], act: Callable[[int], None]) -> int:
    found = list(ids)
    for pk in found:
        act(pk)
    return len(found)
