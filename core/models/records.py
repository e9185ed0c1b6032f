"""Records that make a thing happen once: requests of machines, and jobs of a day."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IdempotencyRecord(models.Model):
    """A request that was accepted, and the object it made. Written in the same transaction.

    No answer is stored: a replay shows the object as it is now. It is deleted after 30 days.
    """

    principal = models.CharField(_("person or key"), max_length=40, db_collation="C")
    route = models.CharField(_("address"), max_length=80, db_collation="C")
    key = models.CharField(_("key"), max_length=255, db_collation="C")
    body_hash = models.CharField(_("digest of the request"), max_length=64)
    object_id = models.CharField(_("id of what it is about"), max_length=40)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("accepted request")
        verbose_name_plural = _("accepted requests")
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "route", "key"], name="idempotency_record_once"
            )
        ]

    def __str__(self) -> str:
        return self.object_id


class JobRun(models.Model):
    """One job on one business day: once, however many schedulers ring for it."""

    job = models.CharField(_("job"), max_length=80)
    business_date = models.DateField(_("business day"))
    started_at = models.DateTimeField(_("started"))
    lease_until = models.DateTimeField(_("in work until"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("run of a job")
        verbose_name_plural = _("runs of jobs")
        constraints = [
            models.UniqueConstraint(fields=["job", "business_date"], name="job_run_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.business_date}"
