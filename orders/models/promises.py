"""What a customer has promised to pay, and which invoices wait meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from core.fields import PublicIdField
from core.models.base import BaseModel
from core.money import Money
from crm.models import Customer
from crm.models.during_calls import made_during, of_a_call
from orders.models.invoices import Invoice
from orders.models.rules import currency_code, ends_once

_NOT_ENDED = Q(kept_at=None, broken_at=None, withdrawn_at=None)


class PromiseQuerySet(models.QuerySet["PromiseToPay"]):
    def open(self) -> PromiseQuerySet:
        """Promises that were neither kept nor broken nor withdrawn."""
        return self.filter(_NOT_ENDED)

    def with_status(self, statuses: Iterable[str]) -> PromiseQuerySet:
        """Promises that have one of the statuses, as `PromiseToPay.status` says."""
        conditions = {
            PromiseToPay.Status.OPEN: _NOT_ENDED,
            PromiseToPay.Status.KEPT: Q(kept_at__isnull=False),
            PromiseToPay.Status.BROKEN: Q(broken_at__isnull=False),
            PromiseToPay.Status.WITHDRAWN: Q(withdrawn_at__isnull=False),
        }
        wanted = (conditions[PromiseToPay.Status(status)] for status in statuses)
        return self.filter(reduce(or_, wanted, Q(pk__in=[])))

    def holding(self, invoice_ids: list[int]) -> PromiseQuerySet:
        """Open promises for which one of the invoices waits."""
        holds = InvoiceHold.objects.in_force().filter(invoice__in=invoice_ids)
        return self.open().filter(pk__in=holds.values("promise"))

    def unsettled_of(self, customer_id: int) -> PromiseQuerySet:
        """A customer's promises that are open, or were broken while something is still owed."""
        rows = self.owing().filter(customer=customer_id, kept_at=None, withdrawn_at=None)
        return rows.order_by("due_on", "pk")

    def owing(self) -> PromiseQuerySet:
        """Promises on whose invoices something is still open."""
        open_ones = InvoiceHold.objects.filter(promise=OuterRef("pk"), invoice__open_amount__gt=0)
        return self.filter(Exists(open_ones))


class PromiseToPay(BaseModel):
    """An amount that a customer has promised to pay by a day. It moves no money itself.

    It ends once: kept when enough money stands on its invoices, broken when its day has gone
    by before that, or withdrawn by a person. What came of it later does not change it.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        KEPT = "kept", _("kept")
        BROKEN = "broken", _("broken")
        WITHDRAWN = "withdrawn", _("withdrawn")

    public_id = PublicIdField(_("public id"), prefix="ptp")
    customer = models.ForeignKey(
        Customer, verbose_name=_("customer"), on_delete=models.PROTECT, related_name="promises"
    )
    amount = models.BigIntegerField(_("amount"), help_text=_("Minor units."))
    currency = models.CharField(_("currency"), max_length=3)
    due_on = models.DateField(_("promised by"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed by"),
        on_delete=models.PROTECT,
        related_name="promises",
    )
    call = made_during("promises")
    kept_at = models.DateTimeField(_("kept"), null=True, blank=True)
    broken_at = models.DateTimeField(_("broken"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = PromiseQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="promise_amount_positive"),
            currency_code("promise"),
            ends_once("promise", "kept_at", "broken_at", "withdrawn_at"),
        ]
        indexes = [
            of_a_call("promise"),
            models.Index(fields=["due_on"], condition=_NOT_ENDED, name="promise_open_due"),
            models.Index(
                fields=["broken_at"], condition=Q(broken_at__isnull=False), name="promise_broken"
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def status(self) -> Status:
        if self.kept_at:
            return self.Status.KEPT
        if self.broken_at:
            return self.Status.BROKEN
        return self.Status.WITHDRAWN if self.withdrawn_at else self.Status.OPEN

    @property
    def ended_at(self) -> dt.datetime | None:
        return self.kept_at or self.broken_at or self.withdrawn_at


class HoldQuerySet(models.QuerySet["InvoiceHold"]):
    def in_force(self) -> HoldQuerySet:
        """Holds that still keep their invoice from being reminded of."""
        return self.filter(released_at=None)


class InvoiceHold(BaseModel):
    """Why nobody reminds of an invoice for now. It ends with what it was made for.

    `allocated_before` is what stood on the invoice when the hold began (minor units): only
    what came since counts towards what was agreed. One invoice waits for one arrangement at most.
    """

    class Kind(models.TextChoices):
        DISPUTE = "dispute", _("dispute")
        PROMISE = "promise", _("promise")
        PLAN = "plan", _("instalments")

    invoice = models.ForeignKey(
        Invoice, verbose_name=_("invoice"), on_delete=models.PROTECT, related_name="holds"
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    promise = models.ForeignKey(
        PromiseToPay,
        verbose_name=_("promise to pay"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="holds",
    )
    plan = models.ForeignKey(
        "orders.InstalmentPlan",
        verbose_name=_("instalment plan"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="holds",
    )
    allocated_before = models.BigIntegerField(_("paid before"))
    released_at = models.DateTimeField(_("released"), null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        verbose_name = _("hold of an invoice")
        verbose_name_plural = _("holds of invoices")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="promise", promise__isnull=False, plan=None)
                | Q(kind="plan", promise=None, plan__isnull=False)
                | Q(kind="dispute", promise=None, plan=None),
                name="hold_has_its_cause",
            ),
            models.UniqueConstraint(
                fields=["invoice"],
                condition=Q(released_at=None, kind__in=["promise", "plan"]),
                name="hold_one_arrangement",
            ),
        ]
