"""What the clock asks for."""

from __future__ import annotations

from celery import shared_task
from django.core.mail import mail_admins

from core import idempotency, jobs, seals
from core.models import Seal


@shared_task
def seal() -> None:
    """Seal what is new, every minute. Safe to run twice, at once, or late."""
    seals.make_seal()
    jobs.beat("seal")


@shared_task
def mail_seal_head() -> None:
    """Mail the newest seal once a day, so that a chain made anew is noticed. Safe to repeat."""
    with jobs.run_once("mail_seal_head", jobs.business_date()) as is_ours:
        newest = Seal.objects.order_by("-pk").first()
        if is_ours and newest:
            mail_admins(f"Seal {newest.pk}", f"{newest.made_at.isoformat()} {newest.mac}\n")


@shared_task
def forget_idempotency_keys() -> None:
    """Delete the records of keys that are too old to be repeated, once a day. Safe to repeat."""
    with jobs.run_once("forget_idempotency_keys", jobs.business_date()) as is_ours:
        if is_ours:
            idempotency.forget_old()


@shared_task
def heartbeat() -> None:
    """Say that a worker is alive. Safe to repeat."""
    jobs.beat("heartbeat")
