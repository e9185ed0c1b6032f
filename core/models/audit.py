"""Who did what to what, and the seals that make a later change visible."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, XidField


class AuditEvent(models.Model):
    """One thing that somebody did. Append-only: the database refuses to change it.

    It holds ids and keyed digests, never names. Only the reason is a person's own words;
    it can be blanked, and nothing else can be.
    """

    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)
    actor_kind = models.CharField(_("kind of who did it"), max_length=8)
    actor_id = models.CharField(_("id of who did it"), max_length=80)
    action = models.CharField(_("what was done"), max_length=80)
    object_type = models.CharField(_("what it is about"), max_length=80)
    object_id = models.CharField(_("id of what it is about"), max_length=40, db_collation="C")
    before_digest = models.CharField(_("digest before"), max_length=64, blank=True)
    after_digest = models.CharField(_("digest after"), max_length=64, blank=True)
    request_id = models.CharField(_("id of the request"), max_length=64, blank=True)
    reason = FreeCharField(_("reason"), max_length=500, blank=True)
    reason_digest = models.CharField(_("digest of the reason"), max_length=64, blank=True)
    xid = XidField(_("transaction"))

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
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

    made_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    from_xid = models.BigIntegerField(_("from transaction"))
    to_xid = models.BigIntegerField(_("up to transaction"))
    parts = models.JSONField(_("parts"))
    columns = models.JSONField(_("columns"), default=dict)
    previous = models.CharField(_("seal before"), max_length=64, unique=True)
    mac = models.CharField(_("seal"), max_length=64)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_xid__lt=models.F("to_xid")), name="seal_range_grows"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.mac[:12]}"
