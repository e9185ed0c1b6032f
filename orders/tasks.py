"""What the clock asks of orders."""

from __future__ import annotations

from celery import shared_task

from core import jobs
from orders.services import plan_progress, promises, stock


@shared_task(ignore_result=True)
def break_promises() -> None:
    """End promises whose day has gone by, once a business day. Safe to run twice, or late."""
    today = jobs.business_date()
    with jobs.run_once(promises.JOB, today) as is_ours:
        if is_ours:
            promises.break_overdue(today)


@shared_task(ignore_result=True)
def miss_instalments() -> None:
    """Break plans of which a part did not come, once a business day. Safe to run twice, or late."""
    today = jobs.business_date()
    with jobs.run_once(plan_progress.JOB, today) as is_ours:
        if is_ours:
            plan_progress.miss_overdue(today)


@shared_task(ignore_result=True)
def settle_stock() -> None:
    """Take what was paid from the stock, and give back what is not held any more."""
    stock.settle()
