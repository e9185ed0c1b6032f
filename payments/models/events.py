"""Everything that was ever said about a payment, once each."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import XidField
from payments.models.accounts import ProviderAccount
from payments.models.intents import PaymentIntent


class Source(models.TextChoices):
    """Who said it. Only the provider's and an operator's word carries money."""

    API = "api", _("answer")
    WEBHOOK = "webhook", _("webhook")
    POLL = "poll", _("read")
    IMPORT = "import", _("settlement file")
    OPERATOR = "operator", _("decision")
    CLOCK = "clock", _("clock")
    PAGE = "page", _("pay page")
    GATEWAY = "gateway", _("message gateway")


class PaymentEvent(models.Model):
    """One fact or one step of the rail. Append-only; the database refuses UPDATE and DELETE.

    A fact says: the subject has reached `status` with the cumulative `amount`. A step
    (`subject_kind` session, decline or intent) tells the story and never changes money,
    except `canceled` of the intent itself.
    """

    intent = models.ForeignKey(PaymentIntent, on_delete=models.PROTECT, related_name="events")
    account = models.ForeignKey(ProviderAccount, on_delete=models.PROTECT, null=True)
    subject_kind = models.CharField(max_length=16)
    subject_id = models.CharField(max_length=40)
    status = models.CharField(max_length=32)
    amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="")
    version = models.BigIntegerField(null=True)
    source = models.CharField(max_length=10, choices=Source)
    code = models.CharField(max_length=80, blank=True, default="")
    detail = models.JSONField(default=dict)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    occurred_at = models.DateTimeField(null=True)
    dedupe_key = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    xid = XidField()

    class Meta:
        verbose_name = _("payment event")
        verbose_name_plural = _("payment events")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "dedupe_key"], nulls_distinct=False, name="event_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0), name="event_amount_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["xid", "id"], name="event_by_xid"),
            BrinIndex(fields=["created_at"], name="event_day", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} {self.status}"
