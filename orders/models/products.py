"""What is sold."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField, StructuredCharField
from core.models.base import BaseModel
from core.money import Money
from orders.models.rules import currency_code, never_negative, possible_rate


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self) -> ProductQuerySet:
        """Products that can be ordered today."""
        return self.filter(is_active=True)


class Product(BaseModel):
    """Something that is sold at a gross price. Orders copy what they need from it."""

    public_id = PublicIdField(_("public id"), prefix="prd")
    sku = StructuredCharField(_("stock code"), max_length=40, unique=True)
    name = FreeCharField(_("name"), max_length=120)
    unit_price = models.BigIntegerField(_("unit price"), help_text=_("Minor units, tax included."))
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    vat_bp = models.PositiveSmallIntegerField(
        _("VAT rate"), help_text=_("Basis points: 2550 is 25.5 %.")
    )
    is_active = models.BooleanField(_("on sale"), default=True)
    on_hand = models.PositiveIntegerField(
        _("in stock"),
        null=True,
        blank=True,
        help_text=_("Pieces, those that orders hold included. Empty where nobody counts them."),
    )
    held = models.PositiveIntegerField(_("held by orders"), default=0, db_default=0, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            never_negative("product", "unit_price"),
            currency_code("product"),
            possible_rate("product"),
            models.CheckConstraint(
                condition=Q(held=0) | Q(on_hand__isnull=False, on_hand__gte=F("held")),
                name="product_holds_what_is_there",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def available(self) -> int | None:
        """How many pieces can still be ordered; None where nobody counts."""
        return None if self.on_hand is None else self.on_hand - self.held

    @property
    def price(self) -> Money:
        return Money(self.unit_price, self.currency)
