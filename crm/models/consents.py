"""What customers allowed and forbade."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField
from core.models.base import BaseModel
from crm.models.customers import Customer


class Consent(BaseModel):
    """What a customer allowed or forbade, when, and how we know. The latest per purpose holds."""

    class Purpose(models.TextChoices):
        MARKETING_SMS = "marketing_sms", _("marketing by text message")
        MARKETING_EMAIL = "marketing_email", _("marketing by e-mail")
        SAVED_METHOD = "saved_method", _("keeping a payment method")
        RECORDING = "recording", _("recording of calls")
        FEEDBACK = "feedback", _("questions after calls")

    public_id = PublicIdField(_("public id"), prefix="con")
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.CASCADE,
        related_name="consents",
        db_index=False,
    )
    purpose = models.CharField(_("purpose"), max_length=24, choices=Purpose)
    is_given = models.BooleanField(_("given"))
    evidence = FreeCharField(
        _("how we know"), max_length=200, help_text=_("For example: said on the phone.")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("recorded by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [models.Index(fields=["customer", "purpose", "-id"], name="consent_latest")]
