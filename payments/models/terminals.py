"""Card terminals at counters and offices."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField, StructuredCharField
from core.models.base import BaseModel
from payments.models.accounts import ProviderAccount


class Terminal(BaseModel):
    """A card terminal of one account, known to its provider by a reference."""

    public_id = PublicIdField(_("public id"), prefix="trm")
    account = models.ForeignKey(
        ProviderAccount,
        verbose_name=_("provider account"),
        on_delete=models.PROTECT,
        related_name="terminals",
        db_index=False,
    )
    reference = StructuredCharField(_("reference of the provider"), max_length=120)
    label = FreeCharField(_("label"), max_length=80)
    location = FreeCharField(_("place"), max_length=120, blank=True, default="")
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("terminal")
        verbose_name_plural = _("terminals")
        constraints = [
            models.UniqueConstraint(fields=["account", "reference"], name="terminal_once")
        ]

    def __str__(self) -> str:
        return self.label
