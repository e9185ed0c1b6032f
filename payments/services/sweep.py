"""Finding what everybody else left behind, every 30 seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from core import rows
from core.steps import safely
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

BATCH = 500
ROUNDS = 3
"""What one step leaves may be the next one's work: an answer that is lost is looked for."""

OPERATIONS = "payments_provideroperation"
UNSENT = f"{OPERATIONS} WHERE status = 'created' AND send_until <= %(now)s"
UNANSWERED = f"{OPERATIONS} WHERE status = 'sent' AND lease_until <= %(now)s"
EXPIRED_LINKS = "payments_checkoutsession WHERE status = 'open' AND expires_at <= %(now)s"
WAITING = (
    ("unsent", UNSENT),
    ("unanswered", UNANSWERED),
    ("expired_links", EXPIRED_LINKS),
    ("ended_calls", "payments_checkoutsession WHERE status = 'open' AND kind = 'keypad'"),
    ("operations", f"{OPERATIONS} WHERE {operations.WAITING}"),
    ("webhooks", f"payments_webhookevent WHERE {webhooks.WAITING}"),
    ("attempts", f"payments_paymentattempt WHERE {reading.WAITING}"),
    ("resolved", f"{OPERATIONS} WHERE {resolver.WAITING}"),
    ("instalments", f"payments_instalmentrequest WHERE {instalments.WAITING}"),
    ("postings", f"orders_invoice WHERE {invoicing.UNPOSTED}"),
    ("postings", f"orders_creditnote WHERE {invoicing.UNPOSTED}"),
)
"""The steps, and the rows that each is for, or the few among which its own are."""
LOOK = "SELECT " + ", ".join(f"EXISTS (SELECT FROM {found})" for _, found in WAITING)  # noqa: S608 - ours


def sweep() -> dict[str, int]:
    """Do once what bells would have asked for, and close what time has closed.

    One statement says which steps have anything to do. Safe to run twice, at once, or late. A
    step that fails does not stop the next.
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
    done = dict.fromkeys(steps, 0)
    for _ in range(ROUNDS):
        due = _safely("look", _due, otherwise=set(steps))
        found = {name: _safely(name, steps[name], otherwise=0) for name in steps if name in due}
        done |= {name: done[name] + count for name, count in found.items()}
        if not any(found.values()):
            break
    return done


def _due() -> set[str]:
    """Name the steps that have anything to do."""
    (waits,) = rows.select(LOOK, {"now": timezone.now()})
    return {name for (name, _), is_due in zip(WAITING, waits, strict=True) if is_due}


def _safely[T](name: str, step: Callable[[], T], *, otherwise: T) -> T:
    return safely(step, otherwise=otherwise, told="a step of the sweep failed", step=name)


def _unsent() -> int:
    return _each(UNSENT, operations.give_up_unsent)


def _unanswered() -> int:
    return _each(UNANSWERED, operations.lose_answer)


def _expired_links() -> int:
    return _each(EXPIRED_LINKS, lambda pk: links.expire_link(session_id=pk))


def _each(due: str, act: Callable[[int], None]) -> int:
    statement = f"SELECT id FROM {due} LIMIT {BATCH}"  # noqa: S608 - both are ours
    found = rows.select(statement, {"now": timezone.now()})
    for (pk,) in found:
        act(pk)
    return len(found)
