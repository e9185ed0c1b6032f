"""Money that stands on invoices: rows that only grow."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from core.fields import PublicIdField
from core.models.base import BaseModel
from core.money import Money
from orders.models.invoices import Invoice


class AllocationQuerySet(models.QuerySet["Allocation"]):
    def still_allocated(self, source_id: str) -> list[tuple[int, int]]:
        """What a source still pays, as (invoice pk, minor units), the newest allocation first."""
        rows = self.filter(source_id=source_id).values("invoice_id")
        nets = rows.annotate(net=Sum("amount"), newest=models.Max("pk", filter=Q(amount__gt=0)))
        found = nets.filter(net__gt=0).order_by("-newest").values_list("invoice_id", "net")
        return list(found)


class Allocation(BaseModel):
    """Money that was put on an invoice, or taken off again (negative). Rows never change.

    `source_id` is the public id of the capture the money came with, and `cause` names the one
    decision that wrote the row: a cause allocates to an invoice at most once.
    """

    public_id = PublicIdField(_("public id"), prefix="alc")
    invoice = models.ForeignKey(
        Invoice,
        verbose_name=_("invoice"),
        on_delete=models.PROTECT,
        related_name="allocations",
        db_index=False,
    )
    source_id = models.CharField(_("source"), max_length=40)
    amount = models.BigIntegerField(
        _("amount"), help_text=_("Minor units, in the currency of the invoice.")
    )
    cause = models.CharField(_("cause"), max_length=120)

    objects = AllocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="allocation_not_zero"),
            models.UniqueConstraint(fields=["cause", "invoice"], name="allocation_once_per_cause"),
        ]
        indexes = [
            models.Index(fields=["invoice", "id"], name="allocation_of_invoice"),
            models.Index(fields=["source_id", "id"], name="allocation_of_source"),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.invoice.currency)
