"""Products can be edited here. Orders and invoices are only looked at: services write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import locks
from core.admin import AuditedAdmin, GuardedForm, ReadOnlyAdmin, ReadOnlyRows
from orders.models import (
    Allocation,
    CreditNote,
    CreditNoteLine,
    CreditNotePart,
    Instalment,
    InstalmentPlan,
    Invoice,
    InvoiceHold,
    InvoiceLine,
    InvoicePart,
    NumberSeries,
    Order,
    OrderLine,
    Product,
    PromiseToPay,
    StockHold,
)

if TYPE_CHECKING:
    from django.http import HttpRequest


class Lines(ReadOnlyRows):
    fields = ["position", "description", "quantity", "unit_price", "vat_bp", "gross", "net", "vat"]


class Parts(ReadOnlyRows):
    fields = ["vat_bp", "net", "vat"]


class OrderLines(Lines):
    model = OrderLine


class InvoiceLines(Lines):
    model = InvoiceLine


class InvoiceParts(Parts):
    model = InvoicePart


class CreditNoteLines(Lines):
    model = CreditNoteLine


class CreditNoteParts(Parts):
    model = CreditNotePart


class ProductForm(GuardedForm):
    """A page that was opened long ago must not bring back pieces that were sold meanwhile."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on_hand"].show_hidden_initial = True

    def clean_on_hand(self) -> int | None:
        """Refuse a count that somebody else has changed, or of fewer pieces than orders hold."""
        on_hand: int | None = self.cleaned_data["on_hand"]
        there_are: int | None = self.instance.on_hand
        if "on_hand" not in self.changed_data:
            return there_are
        if self.instance.pk and self._seen_on_hand() != there_are:
            sentence = _("Meanwhile there are %(now)s. Count again from there.")
            raise ValidationError(sentence % {"now": there_are}, code="changed")
        if self.instance.held > (on_hand or 0):
            sentence = _("Orders hold %(held)s pieces of it.")
            raise ValidationError(sentence % {"held": self.instance.held}, code="held")
        return on_hand

    def _seen_on_hand(self) -> int | None:
        """How many there were when the page was opened."""
        seen = self.data.get(self.add_initial_prefix("on_hand"), "")
        return int(seen) if seen.isdigit() else None


@admin.register(Product)
class ProductAdmin(AuditedAdmin):
    """Products go out of sale; they are not deleted."""

    form = ProductForm
    list_display = [
        *("sku", "name", "unit_price", "currency", "vat_bp"),
        *("on_hand", "held", "is_active"),
    ]
    list_filter = ["is_active", "currency"]
    search_fields = ["sku", "name"]
    readonly_fields = ["held"]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Product | None:
        """The product as it is now; while it is saved no order can hold or give back pieces."""
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST":
            return found
        return locks.one(locks.Rank.STOCK, Product.objects.filter(pk=found.pk))


class StockHolds(ReadOnlyRows):
    model = StockHold
    fields = ["product", "quantity", "status", "held_until", "ended_at"]


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "customer", "status", "total", "currency", "created_at"]
    list_filter = ["status"]
    list_select_related = ["customer"]
    search_fields = ["number__exact", "public_id__exact"]
    inlines = [OrderLines, StockHolds]


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdmin):
    list_display = [
        *("number", "customer", "reference", "due_on"),
        *("total", "allocated", "credited", "open_amount", "currency", "is_posted"),
    ]
    list_select_related = ["customer"]
    search_fields = ["number__exact", "reference__exact", "rf_reference__exact"]
    inlines = [InvoiceLines, InvoiceParts]


@admin.register(CreditNote)
class CreditNoteAdmin(ReadOnlyAdmin):
    list_display = ["number", "invoice", "amount", "issued_on", "is_posted"]
    list_select_related = ["invoice"]
    search_fields = ["number__exact"]
    inlines = [CreditNoteLines, CreditNoteParts]


@admin.register(Allocation)
class AllocationAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "invoice", "source_id", "amount", "cause", "created_at"]
    list_select_related = ["invoice"]
    search_fields = ["source_id__exact", "invoice__number__exact"]


class Holds(ReadOnlyRows):
    model = InvoiceHold
    fields = ["invoice", "kind", "allocated_before", "released_at"]


@admin.register(PromiseToPay)
class PromiseAdmin(ReadOnlyAdmin):
    list_display = [
        *("public_id", "customer", "amount", "currency", "due_on"),
        *("made_by", "kept_at", "broken_at", "withdrawn_at"),
    ]
    list_select_related = ["customer", "made_by"]
    search_fields = ["public_id__exact", "customer__public_id__exact"]
    inlines = [Holds]


class Instalments(ReadOnlyRows):
    model = Instalment
    fields = ["position", "amount", "due_on", "asked_at", "paid_at", "missed_at"]


@admin.register(InstalmentPlan)
class PlanAdmin(ReadOnlyAdmin):
    list_display = [
        *("public_id", "customer", "amount", "currency", "rhythm", "way"),
        *("made_by", "completed_at", "broken_at", "withdrawn_at"),
    ]
    list_select_related = ["customer", "made_by"]
    search_fields = ["public_id__exact", "customer__public_id__exact"]
    inlines = [Instalments, Holds]


@admin.register(NumberSeries)
class NumberSeriesAdmin(ReadOnlyAdmin):
    list_display = ["name", "next_number"]
