"""The bell of crm's queue, and what the clock asks of crm."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core import jobs
from crm.services import feedback, sending


@shared_task(ignore_result=True)
def drain_messages() -> None:
    """Send what waits to be sent. Safe to run twice, at once, or late.

    The rows are the queue; this task carries nothing and is only a bell.
    """
    sending.drain()


@shared_task(ignore_result=True)
def forget_words() -> None:
    """Blank what customers wrote about calls long ago, once a business day. Safe to run twice."""
    if not settings.FEEDBACK_WORDS_DAYS:
        return
    with jobs.run_once(feedback.JOB, jobs.business_date()) as is_ours:
        if is_ours:
            kept_for = timedelta(days=settings.FEEDBACK_WORDS_DAYS)
            feedback.forget_words(before=timezone.now() - kept_for)
