"""How orders, invoices and products look to a machine. No logic lives here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.serializers import (
    CurrencyCode,
    FreeText,
    Input,
    Instant,
    MoneyOutput,
    Output,
    PublicId,
    Whole,
)
from orders.models import Invoice, InvoicePart, Order, Product, PromiseToPay, StockHold
from orders.models.lines import LineFields

TEXT_LENGTH = 200
MOST_INVOICES = 100


class ProductOutput(Output[Product]):
    """Something that is, or was, on sale."""

    id = serializers.CharField(source="public_id")
    price = MoneyOutput(help_text="Tax included.")
    available = serializers.IntegerField(
        allow_null=True, help_text="Pieces that can be ordered now; null where nobody counts."
    )

    class Meta:
        model = Product
        fields = ["id", "sku", "name", "price", "vat_bp", "available", "is_active", "created_at"]


class LineOutput(serializers.Serializer[LineFields]):
    """A line. Its amounts are minor units in the currency of the whole."""

    description = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = serializers.IntegerField(help_text="Minor units, tax included.")
    vat_bp = serializers.IntegerField(help_text="Basis points.")
    gross = serializers.IntegerField(help_text="Minor units.")
    net = serializers.IntegerField(help_text="Minor units.")
    vat = serializers.IntegerField(help_text="Minor units.")


class PartOutput(Output[InvoicePart]):
    """Net and tax of one rate. Minor units in the currency of the invoice."""

    class Meta:
        model = InvoicePart
        fields = ["vat_bp", "net", "vat"]


class StockHoldOutput(Output[StockHold]):
    """Pieces of a product that an order holds, or held."""

    product = serializers.CharField(source="product.public_id")

    class Meta:
        model = StockHold
        fields = ["product", "quantity", "status", "held_until", "ended_at"]


class OrderOutput(Output[Order]):
    """What a customer asked for. It is closed when it is invoiced."""

    id = serializers.CharField(source="public_id")
    customer = serializers.CharField(source="customer.public_id")
    total = MoneyOutput(source="money")
    lines = LineOutput(many=True)
    invoices = serializers.ListField(child=serializers.CharField(), source="invoice_ids")
    stock = StockHoldOutput(source="stock_holds", many=True, read_only=True)

    class Meta:
        model = Order
        fields = [
            *("id", "number", "customer", "status", "total"),
            *("lines", "invoices", "stock", "created_at"),
        ]


class InvoiceOutput(Output[Invoice]):
    """What a customer owes, and how much of it is still open."""

    id = serializers.CharField(source="public_id")
    customer = serializers.CharField(source="customer.public_id")
    order = serializers.CharField(source="order.public_id", default=None, allow_null=True)
    status = serializers.ChoiceField(choices=Invoice.Status.choices)
    total = MoneyOutput(source="total_money")
    paid = MoneyOutput(source="paid_money")
    credited = MoneyOutput(source="credited_money")
    open = MoneyOutput(source="open_money")
    lines = LineOutput(many=True)
    parts = PartOutput(many=True, help_text="Net and tax per rate, in minor units.")
    pdf = serializers.SerializerMethodField(help_text="Where it is to be had on paper.")

    class Meta:
        model = Invoice
        fields = [
            *("id", "number", "reference", "rf_reference", "customer", "order", "status"),
            *("issued_on", "due_on", "description", "total", "paid", "credited", "open"),
            *("lines", "parts", "pdf", "created_at"),
        ]

    @extend_schema_field(OpenApiTypes.URI)
    def get_pdf(self, invoice: Invoice) -> str:
        return f"{settings.PUBLIC_URL}{reverse('api:invoice-pdf', args=[invoice.public_id])}"


class PromiseOutput(Output[PromiseToPay]):
    """What a customer has promised to pay, by when, and what came of it."""

    id = serializers.CharField(source="public_id")
    customer = serializers.CharField(source="customer.public_id")
    status = serializers.ChoiceField(choices=PromiseToPay.Status.choices)
    amount = MoneyOutput(source="money")
    invoices = serializers.SerializerMethodField(help_text="The invoices that wait for it.")
    ended_at = Instant(allow_null=True, help_text="When it was kept, broken or withdrawn.")

    class Meta:
        model = PromiseToPay
        fields = [
            *("id", "customer", "status", "amount", "due_on", "invoices"),
            *("ended_at", "created_at"),
        ]

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_invoices(self, promise: PromiseToPay) -> list[str]:
        return sorted(hold.invoice.public_id for hold in promise.holds.all())


class LineInput(Input):
    """Either a product, whose name, price and rate are copied, or all three."""

    product = PublicId(required=False)
    description = FreeText(max_length=TEXT_LENGTH, required=False)
    quantity = Whole(default=1)
    unit_price = Whole(required=False, help_text="Minor units of the currency, tax included.")
    vat_bp = Whole(required=False, help_text="Basis points: 2550 is 25.5 %.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        own = {"description", "unit_price", "vat_bp"} & set(attrs)
        if len(own) not in (0, 3) or bool(own) == ("product" in attrs):
            raise serializers.ValidationError(
                _("Give a product, or a description with a unit price and a VAT rate."),
                code="line_incomplete",
            )
        return attrs


class OrderInput(Input):
    customer = PublicId()
    currency = CurrencyCode()
    lines = LineInput(many=True)


class InvoiceInput(Input):
    """Either an open order, or a customer with a currency and lines."""

    order = PublicId(required=False)
    customer = PublicId(required=False)
    currency = CurrencyCode(required=False)
    lines = LineInput(many=True, required=False)
    due_on = serializers.DateField()
    description = FreeText(max_length=TEXT_LENGTH, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        own = {"customer", "currency", "lines"} & set(attrs)
        if len(own) not in (0, 3) or bool(own) == ("order" in attrs):
            raise serializers.ValidationError(
                _("Give an order, or a customer with a currency and lines."),
                code="invoice_incomplete",
            )
        return attrs


class PromiseInput(Input):
    customer = PublicId()
    invoices = serializers.ListField(child=PublicId(), min_length=1, max_length=MOST_INVOICES)
    amount = Whole(min_value=1, help_text="Minor units, at most what is open on the invoices.")
    currency = CurrencyCode()
    due_on = serializers.DateField(help_text="Within the days that the house allows.")


class CancelInput(Input):
    reason = FreeText(max_length=TEXT_LENGTH, allow_blank=True, default="")
