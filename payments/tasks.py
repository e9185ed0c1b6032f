"""Doors for Celery. Tasks carry nothing: the rows are the queue, a task is only a bell."""

from __future__ import annotations

from celery import shared_task

from core import bell, jobs
from payments.services import instalments, invoicing, keypads, operations, reading, sweep, webhooks


@shared_task(ignore_result=True)
def drain_webhooks() -> None:
    """Work off received deliveries. Safe to run twice, at once, or late."""
    webhooks.drain()


@shared_task(ignore_result=True)
def drain_operations() -> None:
    """Send what waits to be sent. Safe to run twice, at once, or late."""
    operations.drain()


@shared_task(ignore_result=True)
def drain_attempts() -> None:
    """Read attempts that are due. Safe to run twice, at once, or late."""
    reading.drain()


@shared_task(ignore_result=True)
def drain_postings() -> None:
    """Post new invoices and credit notes. Safe to run twice, at once, or late."""
    invoicing.drain()


@shared_task(ignore_result=True)
def drain_ended_calls() -> None:
    """Stop listening for cards on calls that are over. Safe to run twice, at once, or late."""
    for _ in bell.answer("ended_calls", keypads.stop_ended):
        pass


@shared_task(name="payments.tasks.sweep", ignore_result=True)
def sweep_leftovers() -> None:
    """Find what bells, workers and providers left behind. Safe to repeat."""
    sweep.sweep()
    jobs.beat("sweep")


@shared_task(ignore_result=True)
def ask_instalments() -> None:
    """Ask for the parts of plans whose day has come. Safe to run twice, at once, or late."""
    if instalments.is_asking_time():
        instalments.ask_due(jobs.business_date())
