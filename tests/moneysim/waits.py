"""What of a schedule still waits for somebody, asked by statements that are planned once."""

from __future__ import annotations

from core import rows

UNFINISHED = """
    SELECT concat('operation ', kind, ' ', status) FROM payments_provideroperation
     WHERE status IN ('created', 'sent', 'unknown')
    UNION ALL SELECT concat('webhook ', state, ' ', error) FROM payments_webhookevent
     WHERE state NOT IN ('done', 'rejected')
    UNION ALL SELECT concat('message ', kind, ' ', status) FROM crm_outgoingmessage
     WHERE status IN ('queued', 'sending')
    UNION ALL SELECT concat('attempt ', status) FROM payments_paymentattempt
     WHERE status = 'unknown' AND superseded_at IS NULL
"""
FOR_OTHERS = """
    SELECT EXISTS (SELECT FROM payments_checkoutsession WHERE status IN ('open', 'closing'))
        OR EXISTS (SELECT FROM payments_paymentattempt WHERE status IN ('pending', 'unknown'))
        OR EXISTS (SELECT FROM payments_refund WHERE status IN ('pending', 'unknown'))
"""
LAST_DUE = """
    SELECT coalesce(extract(epoch FROM greatest(
        (SELECT max(greatest(lease_until, resolve_at, send_at)) FROM payments_provideroperation
          WHERE status IN ('created', 'sent', 'unknown')),
        (SELECT max(greatest(lease_until, next_at)) FROM payments_webhookevent
          WHERE state NOT IN ('done', 'rejected', 'parked')),
        (SELECT max(next_attempt_at) FROM crm_outgoingmessage
          WHERE status IN ('queued', 'sending')))), 0)
"""


def unfinished() -> list[str]:
    """What still waits for somebody other than the customer."""
    return [str(told) for (told,) in rows.select(UNFINISHED, [])]


def for_others() -> bool:
    """Whether a link or page is open, which ends by its own time, or a bank takes its time."""
    ((is_waiting,),) = rows.select(FOR_OTHERS, [])
    return bool(is_waiting)


def last_due() -> float:
    """The last instant at which something that waits now becomes due."""
    ((instant,),) = rows.select(LAST_DUE, [])
    return float(instant)
