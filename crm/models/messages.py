"""What leaves this house for a customer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField, StructuredCharField
from core.leases import Lease
from core.models.base import BaseModel
from crm.fields import MaskedJSONField
from crm.models.customers import Channel, Customer


class OutgoingMessage(Lease, BaseModel):
    """A text or e-mail that its cause asked for, written down before anything is sent.

    `cause` names the request or fact that asked for it; asking twice for the same cause writes
    one row. `data` holds ids only: secrets and addresses are made when the message is rendered.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("waits to be sent")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("not delivered")
        UNKNOWN = "unknown", _("unknown whether it was sent")

    public_id = PublicIdField(_("public id"), prefix="msg")
    cause = StructuredCharField(_("cause"), max_length=120)
    kind = StructuredCharField(_("kind"), max_length=40)
    channel = models.CharField(_("channel"), max_length=5, choices=Channel)
    destination = StructuredCharField(_("to"), max_length=254)
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
    )
    language = models.CharField(_("language"), max_length=2, choices=Customer.Language)
    data = MaskedJSONField(_("details"), default=dict, blank=True)
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_attempt_at = models.DateTimeField(
        _("next try"), null=True, blank=True, help_text=_("Empty: at once.")
    )
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    gateway_reference = models.CharField(
        _("reference of the gateway"), max_length=120, blank=True, default=""
    )
    error = FreeCharField(_("what went wrong"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(fields=["cause", "kind", "destination"], name="message_once"),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="message_waiting",
                condition=Q(status__in=["queued", "sending"]),
            ),
            models.Index(
                fields=["gateway_reference"],
                name="message_gateway_reference",
                condition=~Q(gateway_reference=""),
            ),
            models.Index(
                fields=["created_at"],
                name="message_not_delivered",
                condition=Q(status__in=["failed", "unknown"]),
            ),
        ]
