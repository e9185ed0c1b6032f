"""Our contracts with gateways that hear cards keyed on a phone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedJSONField, FreeCharField, PublicIdField, StructuredCharField
from core.models.base import BaseModel
from payments.models.accounts import ProviderAccount


class Keypad(BaseModel):
    """Joins a telephone system to the provider account that charges what is keyed on its calls."""

    public_id = PublicIdField(_("public id"), prefix="kpd")
    kind = StructuredCharField(_("gateway"), max_length=40)
    name = FreeCharField(_("name"), max_length=120)
    phone_system = models.ForeignKey(
        "crm.PhoneSystem",
        verbose_name=_("telephone system"),
        on_delete=models.PROTECT,
        related_name="keypads",
        db_index=False,
    )
    account = models.ForeignKey(
        ProviderAccount,
        verbose_name=_("provider account"),
        on_delete=models.PROTECT,
        related_name="keypads",
        db_index=False,
    )
    credentials = EncryptedJSONField(_("stored credentials"), default=dict)
    is_enabled = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("keypad")
        verbose_name_plural = _("keypads")
        constraints = [
            models.UniqueConstraint(
                fields=["phone_system", "account"],
                condition=Q(is_enabled=True),
                name="keypad_once",
            )
        ]

    def __str__(self) -> str:
        return self.name
