"""The bell of crm's queue."""

from __future__ import annotations

from celery import shared_task

from crm.services import sending


@shared_task(ignore_result=True)
def drain_messages() -> None:
    """Send what waits to be sent. Safe to run twice, at once, or late.

    The rows are the queue; this task carries nothing and is only a bell.
    """
    sending.drain()
