"""Sending while somebody waits, but never longer than they should."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillSending

from django.db import close_old_connections
from django.utils import timezone

from core import rows
from payments.services import operations

LOOKS_AGAIN_S = 0.05
# Without a lease and not sent, somebody may be taking it at this moment: that is not seen yet.
BEING_SENT = """
    SELECT id FROM payments_provideroperation
     WHERE id = %(id)s AND (status IN ('created', 'sent') AND lease_until > %(now)s
                            OR status = 'created' AND send_until > %(now)s)
"""
_senders = ThreadPoolExecutor(max_workers=16, thread_name_prefix="sender")


def send_within(operation_id: int, seconds: float) -> bool:
    """Send an operation now and wait for its answer, at most `seconds`.

    A worker may have taken it first: then its answer is awaited just so, and where it is free
    again it is sent from here. Returns whether it was answered. Where it was not, sending goes
    on by itself and the answer is applied when it comes; nobody needs to ask again.
    """
    ends_at = time.monotonic() + seconds
    while True:
        future = _senders.submit(_send, operation_id)
        try:
            was_ours = future.result(timeout=max(0.0, ends_at - time.monotonic()))
        except StillSending:
            return False
        if was_ours or not _is_being_sent(operation_id):
            return True
        if time.monotonic() >= ends_at:
            return False
        time.sleep(LOOKS_AGAIN_S)


def _send(operation_id: int) -> bool:
    """Send in a thread that lives on, and keeps its connection as long as a page's thread.

    False: somebody else has taken the operation, or its time is over.
    """
    close_old_connections()
    operation = operations.claim_one(operation_id)
    if operation is not None:
        operations.send_apart(operation)
    close_old_connections()
    return operation is not None


def _is_being_sent(operation_id: int) -> bool:
    """Whether somebody has taken the operation, or still may, and no answer has come yet."""
    return bool(rows.select(BEING_SENT, {"id": operation_id, "now": timezone.now()}))
