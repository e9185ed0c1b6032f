"""What customers asked for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import PublicIdField
from core.models.base import BaseModel
from core.money import Money
from crm.models import Customer
from orders.models.lines import LineFields
from orders.models.rules import currency_code, never_negative

NUMBER_LENGTH = 20


class OrderQuerySet(models.QuerySet["Order"]):
    def of_customer(self, customer_id: int) -> OrderQuerySet:
        """Orders of one customer, newest first."""
        return self.filter(customer=customer_id).order_by("-pk")


class Order(BaseModel):
    """What a customer asked for. It stays open until it is invoiced or cancelled."""

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("invoiced")
        CANCELED = "canceled", _("cancelled")

    public_id = PublicIdField(_("public id"), prefix="ord")
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,
    )
    number = models.CharField(_("number"), max_length=NUMBER_LENGTH, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    total = models.BigIntegerField(_("total"), help_text=_("Minor units, tax included."))

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [
            never_negative("order", "total"),
            currency_code("order"),
            models.UniqueConstraint(fields=["number"], name="order_number_unique"),
            models.CheckConstraint(condition=~Q(number=""), name="order_has_a_number"),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="order_of_customer"),
            models.Index(fields=["created_at"], name="order_created"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def money(self) -> Money:
        return Money(self.total, self.currency)


class OrderLine(LineFields):
    """One line of an order. The amounts are in the order's currency."""

    order = models.ForeignKey(
        Order,
        verbose_name=_("order"),
        on_delete=models.CASCADE,
        related_name="lines",
        db_index=False,
    )

    class Meta(LineFields.Meta):
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            *LineFields.Meta.constraints,
            models.UniqueConstraint(fields=["order", "position"], name="order_line_position"),
        ]
