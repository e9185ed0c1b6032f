"""What lines and tax parts are made of, whether of an order, an invoice or a credit note."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField
from orders.models.rules import never_negative, possible_rate


class LineFields(models.Model):
    """One line as it was sold: a copy of words and price, never a pointer to a product."""

    position = models.PositiveSmallIntegerField(_("position"))
    description = FreeCharField(_("description"), max_length=200)
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.BigIntegerField(_("unit price"))
    vat_bp = models.PositiveSmallIntegerField(_("VAT rate"))
    gross = models.BigIntegerField(_("amount"))
    net = models.BigIntegerField(_("without VAT"))
    vat = models.BigIntegerField(_("VAT"))

    class Meta:
        abstract = True
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="%(class)s_quantity"),
            never_negative("%(class)s", "unit_price", "gross", "net", "vat"),
            possible_rate("%(class)s"),
            models.CheckConstraint(
                condition=Q(gross=F("net") + F("vat")) & Q(gross=F("quantity") * F("unit_price")),
                name="%(class)s_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.description


class PartFields(models.Model):
    """The net and the tax of one rate: what the ledger posts."""

    vat_bp = models.PositiveSmallIntegerField(_("VAT rate"))
    net = models.BigIntegerField(_("without VAT"))
    vat = models.BigIntegerField(_("VAT"))

    class Meta:
        abstract = True
        verbose_name = _("VAT part")
        verbose_name_plural = _("VAT parts")
        ordering = ["vat_bp"]
        constraints = [never_negative("%(class)s", "net", "vat"), possible_rate("%(class)s")]

    def __str__(self) -> str:
        return f"{self.vat_bp}: {self.net} + {self.vat}"

    @property
    def gross(self) -> int:
        return self.net + self.vat
