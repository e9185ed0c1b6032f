"""Records that make a thing happen once: requests of machines, and jobs of a day."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class IdempotencyRecord(models.Model):
    """A request that was accepted, and the object it made. Written in the same transaction.

    No answer is stored: a replay shows the object as it is now. It is deleted after 30 days.
    """

    principal = models.CharField(max_length=40, db_collation="C")
    route = models.CharField(max_length=80, db_collation="C")
    key = models.CharField(max_length=255, db_collation="C")
    body_hash = models.CharField(max_length=64)
    object_id = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "route", "key"], name="idempotency_record_once"
            )
        ]

    def __str__(self) -> str:
        return self.object_id


class JobRun(models.Model):
    """One job on one business day: once, however many schedulers ring for it."""

    job = models.CharField(max_length=80)
    business_date = models.DateField()
    started_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "business_date"], name="job_run_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.business_date}"
