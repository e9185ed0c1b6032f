from __future__ import annotations

import datetime as dt
import random

import pytest
from django.db.models import Sum

from crm.models import SearchKey, TimelineEntry
from crm.search import find_customers
from orders.balances import invoices_with_wrong_sums
from orders.models import Invoice, InvoicePart, NumberSeries, Order, Product
from orders.reference_numbers import is_finnish_reference, is_rf_reference
from orders.seeding import seed_orders
from tests.factories.crm import CustomerFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 20)


def test_seeded_history_is_whole_numbered_by_date_and_findable() -> None:
    customers = CustomerFactory.create_batch(30)
    first = NumberSeries.objects.get(name="invoice").next_number

    count = seed_orders([customer.pk for customer in customers], random.Random(1), TODAY)

    invoices = list(Invoice.objects.order_by("pk"))
    assert len(invoices) == count
    assert [int(row.number) for row in invoices] == list(range(first, first + count))
    assert [row.issued_on for row in invoices] == sorted(row.issued_on for row in invoices)
    assert all(is_finnish_reference(row.reference) for row in invoices)
    assert all(is_rf_reference(row.rf_reference) for row in invoices)
    assert all(row.issued_on <= TODAY and row.open_amount == row.total > 0 for row in invoices)
    assert {row.customer_id for row in invoices} == {customer.pk for customer in customers}
    assert not invoices_with_wrong_sums().exists()


def test_seeded_sums_add_up_and_the_ledger_has_its_parts() -> None:
    seed_orders([CustomerFactory.create().pk], random.Random(2), TODAY)

    parts = InvoicePart.objects.aggregate(net=Sum("net"), vat=Sum("vat"))
    total = Invoice.objects.aggregate(sum=Sum("total"))["sum"]
    assert parts["net"] + parts["vat"] == total
    assert Order.objects.filter(invoices=None, status=Order.Status.CLOSED).count() == 0
    assert set(Product.objects.values_list("vat_bp", flat=True)) == {1400, 2550}


def test_a_seeded_invoice_is_found_and_told() -> None:
    customer = CustomerFactory.create()
    seed_orders([customer.pk], random.Random(3), TODAY)
    invoice = Invoice.objects.latest("pk")

    assert [match.customer for match in find_customers(invoice.rf_reference)] == [customer]
    assert SearchKey.objects.filter(kind="order").count() == Order.objects.count()
    entry = TimelineEntry.objects.get(object_id=invoice.public_id)
    assert entry.at.date() == invoice.issued_on


def test_the_same_seed_gives_the_same_history() -> None:
    first, second = CustomerFactory.create_batch(2)

    seed_orders([first.pk], random.Random(4), TODAY)
    seed_orders([second.pk], random.Random(4), TODAY)

    def history(customer_id: int) -> list[tuple[object, ...]]:
        rows = Invoice.objects.filter(customer=customer_id).order_by("pk")
        return list(rows.values_list("issued_on", "total", "description"))

    assert history(first.pk) == history(second.pk)
