"""The doorbell: workers by queue, and what happens by the clock (UTC)."""

from __future__ import annotations

import os

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init
from django.conf import settings

from core import quickredis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Some of Django's checks ask the database: a worker would end where it only has to wait.
# `migrate`, which comes first, runs them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")


def broker_url(redis_url: str) -> str:
    """A Redis address in Celery's spelling: it writes unix sockets differently."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, database = redis_url.removeprefix("unix://").partition("?db=")
    return f"redis+socket://{path}?virtual_host={database or 0}"


app = Celery("kuitti")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={"visibility_timeout": 300, "socket_timeout": 5},
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=300,
    task_soft_time_limit=240,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    enable_utc=True,
    timezone="UTC",
    task_default_queue="money",
    task_routes={
        "payments.tasks.drain_webhooks": {"queue": "webhooks"},
        "payments.tasks.sweep": {"queue": "reconcile"},
        "payments.tasks.*": {"queue": "money"},
        "crm.tasks.drain_messages": {"queue": "mail"},
        "crm.tasks.*": {"queue": "reconcile"},
        "core.tasks.*": {"queue": "reconcile"},
        "orders.tasks.*": {"queue": "reconcile"},
        "reporting.tasks.*": {"queue": "reports"},
        "training.tasks.*": {"queue": "mail"},
    },
    beat_schedule={
        "seal": {"task": "core.tasks.seal", "schedule": 60.0},
        "heartbeat": {"task": "core.tasks.heartbeat", "schedule": 10.0},
        "sweep": {"task": "payments.tasks.sweep", "schedule": 30.0},
        "settle_stock": {"task": "orders.tasks.settle_stock", "schedule": 30.0},
        # Every hour: the business day begins at another hour of UTC in summer and in winter.
        "break_promises": {"task": "orders.tasks.break_promises", "schedule": crontab("5")},
        "miss_instalments": {"task": "orders.tasks.miss_instalments", "schedule": crontab("10")},
        "ask_instalments": {"task": "payments.tasks.ask_instalments", "schedule": crontab("20")},
        "mail_seal_head": {"task": "core.tasks.mail_seal_head", "schedule": crontab("15", "3")},
        "forget_idempotency_keys": {
            "task": "core.tasks.forget_idempotency_keys",
            "schedule": crontab("30", "3"),
        },
        "forget_words": {"task": "crm.tasks.forget_words", "schedule": crontab("40", "3")},
    },
)
app.autodiscover_tasks()


@worker_init.connect
def _wait_longer(**_: object) -> None:
    quickredis.be_patient()
