from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import factory
from factory.django import DjangoModelFactory

from core.jobs import business_date
from orders.lines import NewLine, price
from orders.models import Invoice, InvoiceLine, InvoicePart, Order, OrderLine, Product
from orders.reference_numbers import finnish_reference, rf_reference
from orders.vat import parts_of
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    from orders.vat import Part

STANDARD_RATE = 2550


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"SKU-{n}")
    name = "Fibre 100"
    unit_price = 3_990
    currency = "EUR"
    vat_bp = STANDARD_RATE


class OrderFactory(DjangoModelFactory[Order]):
    """An open order of one line. Its number comes from far behind the real sequence."""

    class Meta:
        model = Order
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    number = factory.Sequence(lambda n: str(5_000_001 + n))
    currency = "EUR"
    total = 10_000

    @factory.post_generation
    def lines(order: Order, create: bool, extracted: Any, **_: Any) -> None:  # noqa: N805, FBT001
        del extracted
        if create:
            new = NewLine("Fibre 100", 1, order.total, STANDARD_RATE)
            rows = price([new], order.currency).rows(OrderLine, order=order)
            OrderLine.objects.bulk_create(rows)


class InvoiceFactory(DjangoModelFactory[Invoice]):
    """An open invoice of one line, due in two weeks. Give `allocated` only with its rows."""

    class Meta:
        model = Invoice
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    number = factory.Sequence(lambda n: str(5_000_001 + n))
    reference = factory.LazyAttribute(lambda row: finnish_reference(row.number))
    rf_reference = factory.LazyAttribute(lambda row: rf_reference(row.reference))
    currency = "EUR"
    issued_on = factory.LazyAttribute(lambda row: min(row.due_on, business_date()))
    due_on = factory.LazyFunction(lambda: business_date() + dt.timedelta(days=14))
    description = "Fibre 100"
    total = 10_000

    @factory.post_generation
    def parts(invoice: Invoice, create: bool, extracted: Any, **_: Any) -> None:  # noqa: N805, FBT001
        """`parts=[Part(…)]` for other rates than the one of the single line."""
        if not create:
            return
        parts: list[Part] = extracted or parts_of([(invoice.total, STANDARD_RATE)])
        InvoicePart.objects.bulk_create(
            InvoicePart(invoice=invoice, vat_bp=part.vat_bp, net=part.net, vat=part.vat)
            for part in parts
        )
        lines = [NewLine("Fibre 100", 1, part.gross, part.vat_bp) for part in parts]
        rows = price(lines, invoice.currency).rows(InvoiceLine, invoice=invoice)
        InvoiceLine.objects.bulk_create(rows)
