"""Saved ways to pay: tokens, never card numbers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedJSONField, PublicIdField, StructuredCharField
from core.models.base import BaseModel
from payments.models.accounts import ProviderAccount


class PaymentMethod(BaseModel):
    """A provider's token for a customer's way to pay, with what may be shown of it."""

    public_id = PublicIdField(_("public id"), prefix="pm")
    customer = models.ForeignKey(
        "crm.Customer",
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="payment_methods",
    )
    account = models.ForeignKey(
        ProviderAccount, verbose_name=_("provider account"), on_delete=models.PROTECT
    )
    method = models.CharField(_("way to pay"), max_length=40)
    brand = models.CharField(_("brand"), max_length=40, blank=True, default="")
    last4 = StructuredCharField(_("last digits of the card"), max_length=4, blank=True, default="")
    expires = models.CharField(_("expires"), max_length=7, blank=True, default="")
    token = EncryptedJSONField(_("token"), default=dict)
    token_digest = models.CharField(_("digest of the token"), max_length=64)
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True)

    class Meta:
        verbose_name = _("saved payment method")
        verbose_name_plural = _("saved payment methods")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "customer", "token_digest"], name="payment_method_once"
            ),
        ]
