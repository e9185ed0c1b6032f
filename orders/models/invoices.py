"""What is owed, with its lines, its tax and its open amount."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField
from core.jobs import business_date
from core.models.base import BaseModel
from core.money import Money
from crm.models import Customer
from orders.models.lines import LineFields, PartFields
from orders.models.orders import NUMBER_LENGTH, Order
from orders.models.rules import currency_code, never_negative


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def open(self) -> InvoiceQuerySet:
        """Invoices of which something is still owed, overdue ones too."""
        return self.filter(open_amount__gt=0)

    def of_customer(self, customer_id: int) -> InvoiceQuerySet:
        """Invoices of one customer."""
        return self.filter(customer=customer_id)

    def with_status(self, statuses: Iterable[str], today: dt.date) -> InvoiceQuerySet:
        """Invoices that on that day have one of the statuses, as `Invoice.status_on` says."""
        is_open, is_settled = Q(open_amount__gt=0), Q(open_amount=0)
        conditions = {
            Invoice.Status.OPEN: is_open & Q(due_on__gte=today),
            Invoice.Status.OVERDUE: is_open & Q(due_on__lt=today),
            Invoice.Status.PAID: is_settled & Q(credited__lt=F("total")),
            Invoice.Status.CREDITED: is_settled & Q(credited=F("total")),
        }
        wanted = (conditions[Invoice.Status(status)] for status in statuses)
        return self.filter(reduce(or_, wanted, Q(pk__in=[])))

    def open_items(self, customer_id: int) -> InvoiceQuerySet:
        """What a customer still owes, oldest due first, with the columns that a list shows."""
        columns = ("public_id", "number", "reference", "description", "currency", "due_on")
        amounts = ("total", "credited", "allocated", "open_amount")
        rows = self.open().of_customer(customer_id).order_by("due_on", "pk")
        return rows.only("customer_id", *columns, *amounts)


class Invoice(BaseModel):
    """What is owed, until when, and under which reference.

    The database refuses to allocate or credit more than the total, and computes what is open.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        OVERDUE = "overdue", _("overdue")
        PAID = "paid", _("paid")
        CREDITED = "credited", _("credited")

    public_id = PublicIdField(_("public id"), prefix="inv")
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="invoices",
        db_index=False,
    )
    order = models.ForeignKey(
        Order,
        verbose_name=_("order"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invoices",
        db_index=False,
    )
    number = models.CharField(_("number"), max_length=NUMBER_LENGTH, editable=False)
    reference = models.CharField(_("reference"), max_length=20, editable=False)
    rf_reference = models.CharField(_("international reference"), max_length=25, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    issued_on = models.DateField(_("date"))
    due_on = models.DateField(_("due date"))
    description = FreeCharField(_("description"), max_length=200, blank=True, default="")
    total = models.BigIntegerField(_("total"), help_text=_("Minor units, tax included."))
    allocated = models.BigIntegerField(_("paid"), default=0)
    credited = models.BigIntegerField(_("credited"), default=0)
    open_amount = models.GeneratedField(
        verbose_name=_("left to pay"),
        expression=F("total") - F("credited") - F("allocated"),
        output_field=models.BigIntegerField(_("open")),
        db_persist=True,
    )
    is_posted = models.BooleanField(
        _("in the ledger"), default=False, editable=False, help_text=_("Stands in the ledger.")
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            never_negative("invoice", "total", "allocated", "credited"),
            currency_code("invoice"),
            models.CheckConstraint(
                condition=Q(total__gte=F("credited") + F("allocated")),
                name="invoice_not_overallocated",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="invoice_due"),
            models.UniqueConstraint(fields=["number"], name="invoice_number_unique"),
            models.UniqueConstraint(fields=["reference"], name="invoice_reference_unique"),
            models.UniqueConstraint(fields=["rf_reference"], name="invoice_rf_unique"),
            models.UniqueConstraint(fields=["order"], name="invoice_one_per_order"),
        ]
        indexes = [
            models.Index(
                fields=["customer", "due_on", "id"],
                include=["currency", "open_amount"],
                condition=Q(open_amount__gt=0),
                name="invoice_open_items",
            ),
            models.Index(fields=["customer", "-id"], name="invoice_of_customer"),
            models.Index(
                fields=["due_on"], condition=Q(open_amount__gt=0), name="invoice_open_due"
            ),
            models.Index(fields=["created_at"], name="invoice_created"),
            models.Index(fields=["id"], condition=Q(is_posted=False), name="invoice_to_post"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def total_money(self) -> Money:
        return Money(self.total, self.currency)

    @property
    def paid_money(self) -> Money:
        return Money(self.allocated, self.currency)

    @property
    def credited_money(self) -> Money:
        return Money(self.credited, self.currency)

    @property
    def open_money(self) -> Money:
        return Money(self.open_amount, self.currency)

    @property
    def status(self) -> Status:
        return self.status_on(business_date())

    def status_on(self, today: dt.date) -> Status:
        """Tell how the invoice stands on a day: what is due today is not yet overdue."""
        if self.open_amount:
            return self.Status.OVERDUE if self.due_on < today else self.Status.OPEN
        return self.Status.CREDITED if self.credited == self.total else self.Status.PAID


class InvoiceLine(LineFields):
    """One line of an invoice, as it was sent. The amounts are in the invoice's currency."""

    invoice = models.ForeignKey(
        Invoice,
        verbose_name=_("invoice"),
        on_delete=models.CASCADE,
        related_name="lines",
        db_index=False,
    )

    class Meta(LineFields.Meta):
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        constraints = [
            *LineFields.Meta.constraints,
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position"),
        ]


class InvoicePart(PartFields):
    """The share of one tax rate in an invoice. The parts add up to its total."""

    invoice = models.ForeignKey(
        Invoice,
        verbose_name=_("invoice"),
        on_delete=models.CASCADE,
        related_name="parts",
        db_index=False,
    )

    class Meta(PartFields.Meta):
        constraints = [
            *PartFields.Meta.constraints,
            models.UniqueConstraint(fields=["invoice", "vat_bp"], name="invoice_part_rate"),
        ]
