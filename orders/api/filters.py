"""What lists can be narrowed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.jobs import business_date
from crm.models import Customer
from orders.models import Invoice, Order, Product, PromiseToPay
from orders.reference_numbers import ReferenceUnreadable, normalise_reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from orders.models.invoices import InvoiceQuerySet
    from orders.models.promises import PromiseQuerySet


class ReferenceField(forms.CharField):
    """A reference number in either form. Refuses one whose check digits are wrong."""

    def clean(self, value: str | None) -> str:
        text = super().clean(value)
        try:
            return normalise_reference(text) if text else ""
        except ReferenceUnreadable:
            raise ValidationError(
                _("This is not a reference number."), code="reference_unreadable"
            ) from None


class ReferenceFilter(django_filters.CharFilter):  # type: ignore[misc] # it has no types
    field_class = ReferenceField


class OfCustomer(django_filters.FilterSet):  # type: ignore[misc] # it has no types
    """By customer. An id that was merged away stands for the customer it became."""

    customer = django_filters.CharFilter(
        method="of_customer", help_text="A customer’s id, one that was merged away, too."
    )
    number = django_filters.CharFilter(help_text="The whole number.")
    created_at__gte = django_filters.IsoDateTimeFilter(
        "created_at", "gte", help_text="Made at this instant or later."
    )
    created_at__lt = django_filters.IsoDateTimeFilter(
        "created_at", "lt", help_text="Made before this instant."
    )

    def of_customer(self, rows: QuerySet[Any], name: str, public_id: str) -> QuerySet[Any]:
        del name
        meant = Customer.objects.filter(public_id=public_id)
        return rows.filter(customer__in=meant.values(meant_id=Coalesce("merged_into", "pk")))


class OrderFilter(OfCustomer):
    status = django_filters.MultipleChoiceFilter(choices=Order.Status.choices)

    class Meta:
        model = Order
        fields = ["customer", "number", "status", "created_at__gte", "created_at__lt"]


class InvoiceFilter(OfCustomer):
    status = django_filters.MultipleChoiceFilter(
        choices=Invoice.Status.choices, method="with_status"
    )
    reference = ReferenceFilter(
        method="with_reference", help_text="A Finnish reference number, or an RF reference."
    )
    due_on__gte = django_filters.DateFilter("due_on", "gte", help_text="Due on this day or later.")
    due_on__lte = django_filters.DateFilter("due_on", "lte", help_text="Due on this day at latest.")

    class Meta:
        model = Invoice
        fields = [
            *("customer", "number", "status", "reference"),
            *("due_on__gte", "due_on__lte", "created_at__gte", "created_at__lt"),
        ]

    def with_status(
        self, rows: InvoiceQuerySet, name: str, statuses: Sequence[str]
    ) -> InvoiceQuerySet:
        del name
        return rows.with_status(statuses, business_date()) if statuses else rows

    def with_reference(self, rows: InvoiceQuerySet, name: str, reference: str) -> InvoiceQuerySet:
        del name
        return rows.filter(Q(reference=reference) | Q(rf_reference=reference))


class PromiseFilter(OfCustomer):
    status = django_filters.MultipleChoiceFilter(
        choices=PromiseToPay.Status.choices, method="with_status"
    )
    number = None
    due_on__gte = django_filters.DateFilter("due_on", "gte", help_text="Due on this day or later.")
    due_on__lte = django_filters.DateFilter("due_on", "lte", help_text="Due on this day at latest.")

    class Meta:
        model = PromiseToPay
        fields = [
            *("customer", "status", "due_on__gte", "due_on__lte"),
            *("created_at__gte", "created_at__lt"),
        ]

    def with_status(
        self, rows: PromiseQuerySet, name: str, statuses: Sequence[str]
    ) -> PromiseQuerySet:
        del name
        return rows.with_status(statuses) if statuses else rows


class ProductFilter(django_filters.FilterSet):  # type: ignore[misc] # it has no types
    class Meta:
        model = Product
        fields = ["sku", "is_active", "currency"]
