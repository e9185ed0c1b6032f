"""What workers do for lessons."""

from __future__ import annotations

from celery import shared_task

from training.services import playing


@shared_task
def play_lessons() -> None:
    """Let the scripts of lessons go on. Safe to run twice, at once, or late."""
    playing.drain()
