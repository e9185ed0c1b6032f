"""Who did what to what, and the seals that make a later change visible."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from core.fields import FreeCharField, XidField


class AuditEvent(models.Model):
    """One thing that somebody did. Append-only: the database refuses to change it.

    It holds ids and keyed digests, never names. Only the reason is a person's own words;
    it can be blanked, and nothing else can be.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=40, db_collation="C")
    before_digest = models.CharField(max_length=64, blank=True)
    after_digest = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    reason = FreeCharField(max_length=500, blank=True)
    reason_digest = models.CharField(max_length=64, blank=True)
    xid = XidField()

    class Meta:
        indexes = [
            models.Index(fields=["object_id", "id"], name="audit_event_object"),
            models.Index(fields=["actor_id", "id"], name="audit_event_actor"),
            models.Index(fields=["xid", "id"], name="audit_event_xid"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_id}"


class Seal(models.Model):
    """An HMAC over the new rows of every sealed table, chained to the seal before it.

    It covers the transactions in [from_xid, to_xid). `parts` gives the number of rows and
    their common digest by table; a table that is not named had none. `columns` says which
    columns were digested; empty means as in the seal before.
    """

    made_at = models.DateTimeField(default=timezone.now, editable=False)
    from_xid = models.BigIntegerField()
    to_xid = models.BigIntegerField()
    parts = models.JSONField()
    columns = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, unique=True)
    mac = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_xid__lt=models.F("to_xid")), name="seal_range_grows"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.mac[:12]}"
