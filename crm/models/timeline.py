"""What happened with a customer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import StructuredCharField
from core.models.base import BaseModel
from crm.fields import MaskedJSONField
from crm.models.customers import Customer


class TimelineEntry(BaseModel):
    """One thing that happened with a customer. `data` holds ids and amounts, never free text."""

    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.CASCADE,
        related_name="timeline",
        db_index=False,
    )
    kind = StructuredCharField(_("kind"), max_length=60)
    at = models.DateTimeField(_("at"), default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who did it"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    object_id = StructuredCharField(
        _("id of what it is about"), max_length=40, blank=True, default=""
    )
    data = MaskedJSONField(_("details"), default=dict, blank=True)

    class Meta:
        verbose_name = _("timeline entry")
        verbose_name_plural = _("timeline entries")
        indexes = [models.Index(fields=["customer", "-at", "-id"], name="timeline_newest")]
