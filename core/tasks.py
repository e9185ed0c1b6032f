"""What the clock asks for."""

from __future__ import annotations

from celery import shared_task

from core import jobs


@shared_task
def heartbeat() -> None:
    """Say that a worker is alive. Safe to repeat."""
    jobs.beat("heartbeat")
