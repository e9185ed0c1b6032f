"""Sending while somebody waits, but never longer than they should."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillSending

from django.db import close_old_connections

from payments.services import operations

_senders = ThreadPoolExecutor(max_workers=16, thread_name_prefix="sender")


def send_within(operation_id: int, seconds: float) -> bool:
    """Send an operation now and wait for its answer, at most `seconds`.

    Returns whether it was answered. Where it was not, sending goes on by itself and the
    answer is applied when it comes; nobody needs to ask again.
    """
    future = _senders.submit(_send, operation_id)
    try:
        future.result(timeout=seconds)
    except StillSending:
        return False
    return True


def _send(operation_id: int) -> None:
    """Send in a thread that lives on, and keeps its connection as long as a page's thread."""
    close_old_connections()
    operation = operations.claim_one(operation_id)
    if operation is not None:
        operations.send_apart(operation)
    close_old_connections()
