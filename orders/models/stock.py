"""Pieces of a product that an order keeps from others while its customer may still pay."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.base import BaseModel
from orders.models.orders import Order
from orders.models.products import Product


class StockHold(BaseModel):
    """So many pieces of one product, for one order. Held pieces are counted in `Product.held`.

    `held_until` is when it ends, as far as the last sweep knew.
    """

    class Status(models.TextChoices):
        HELD = "held", _("held")
        TAKEN = "taken", _("paid for")
        RELEASED = "released", _("no longer held")
        MISSING = "missing", _("paid for, but out of stock")

    order = models.ForeignKey(
        Order,
        verbose_name=_("order"),
        on_delete=models.PROTECT,
        related_name="stock_holds",
        db_index=False,
    )
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    status = models.CharField(
        _("status"), max_length=8, choices=Status, default=Status.HELD, editable=False
    )
    held_until = models.DateTimeField(_("held until"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock hold")
        verbose_name_plural = _("stock holds")
        constraints = [
            models.UniqueConstraint(fields=["order", "product"], name="stock_hold_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="stock_hold_quantity"),
            models.CheckConstraint(
                condition=Q(status="held", ended_at=None)
                | ~Q(status="held") & Q(ended_at__isnull=False),
                name="stock_hold_ends_once",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="stock_hold_live", condition=Q(status="held")),
            models.Index(
                fields=["ended_at"], name="stock_hold_released", condition=Q(status="released")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product}"
