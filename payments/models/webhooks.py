"""What providers deliver, kept before it is answered."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.leases import Lease
from payments.models.accounts import ProviderAccount


class WebhookEvent(Lease, models.Model):
    """A verified delivery. The row is the queue: it waits here until it was applied."""

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        CLAIMED = "claimed", _("being applied")
        DONE = "done", _("applied")
        PARKED = "parked", _("waits for a person")
        REJECTED = "rejected", _("of no use")

    account = models.ForeignKey(
        ProviderAccount, verbose_name=_("provider account"), on_delete=models.PROTECT
    )
    event_id = models.CharField(_("id of the event"), max_length=255)
    kind = models.CharField(_("kind"), max_length=80)
    reference_kind = models.CharField(_("kind of reference"), max_length=40, blank=True, default="")
    reference = models.CharField(
        _("reference of the provider"), max_length=255, blank=True, default=""
    )
    our_id = models.CharField(_("our id"), max_length=64, blank=True, default="")
    state = models.CharField(_("status"), max_length=10, choices=State, default=State.RECEIVED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(_("next try"))
    occurred_at = models.DateTimeField(_("happened"), null=True)
    received_at = models.DateTimeField(_("received"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    error = models.CharField(_("what went wrong"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        constraints = [
            models.UniqueConstraint(fields=["account", "event_id"], name="webhook_once"),
        ]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="webhook_waiting",
                condition=Q(state__in=["received", "claimed"]),
            ),
            models.Index(
                fields=["received_at"], name="webhook_parked", condition=Q(state="parked")
            ),
            BrinIndex(fields=["received_at"], name="webhook_day", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"


class WebhookBody(models.Model):
    """The raw delivery, encrypted and byte-exact. Prunable without touching the event."""

    event = models.OneToOneField(
        WebhookEvent, on_delete=models.CASCADE, primary_key=True, related_name="raw"
    )
    headers = models.BinaryField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return str(self.pk)
