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

    intent = models.ForeignKey(
        PaymentIntent,
        verbose_name=_("payment intent"),
        on_delete=models.PROTECT,
        related_name="events",
    )
    account = models.ForeignKey(
        ProviderAccount, verbose_name=_("provider account"), on_delete=models.PROTECT, null=True
    )
    subject_kind = models.CharField(_("kind of what it is about"), max_length=16)
    subject_id = models.CharField(_("id of what it is about"), max_length=40)
    status = models.CharField(_("status"), max_length=32)
    amount = models.BigIntegerField(_("amount"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    version = models.BigIntegerField(_("version"), null=True)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    code = models.CharField(_("code"), max_length=80, blank=True, default="")
    detail = models.JSONField(_("details"), default=dict)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("who did it"), on_delete=models.PROTECT, null=True
    )
    occurred_at = models.DateTimeField(_("happened"), null=True)
    dedupe_key = models.CharField(_("key against repeats"), max_length=64)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    xid = XidField(_("transaction"))

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
