"""What the database itself refuses, whoever writes: raw SQL and later code included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from core.money import Money
from orders.models import (
    Allocation,
    CreditNote,
    CreditNotePart,
    Invoice,
    InvoiceLine,
    InvoicePart,
    NumberSeries,
    Order,
    OrderLine,
    Product,
)
from orders.services.allocate import record_payment
from tests.factories.orders import InvoiceFactory, OrderFactory, ProductFactory

if TYPE_CHECKING:
    from django.db.models import Model

pytestmark = pytest.mark.django_db


def refused(statement: str, *values: str | int) -> None:
    """Run SQL and see it refused by a rule of the database."""
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    "change",
    [
        "total = -1",
        "allocated = -1",
        "credited = -1",
        "allocated = total + 1",
        "allocated = total, credited = 1",
        "currency = 'eur'",
        "currency = 'E'",
        "due_on = issued_on - 1",
    ],
)
def test_an_invoice_that_cannot_be_is_refused(change: str) -> None:
    invoice = InvoiceFactory.create(total=10_000)

    refused(f"UPDATE orders_invoice SET {change} WHERE id = %s", invoice.pk)

    invoice.refresh_from_db()
    assert (invoice.total, invoice.open_amount, invoice.currency) == (10_000, 10_000, "EUR")


def test_the_open_amount_cannot_be_written_by_hand() -> None:
    invoice = InvoiceFactory.create(total=10_000)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_invoice SET open_amount = 0 WHERE id = %s", [invoice.pk])

    invoice.refresh_from_db()
    assert invoice.open_amount == 10_000


@pytest.mark.parametrize("column", ["number", "reference", "rf_reference"])
def test_no_two_invoices_share_a_number_or_reference(column: str) -> None:
    first, second = InvoiceFactory.create_batch(2)

    refused(
        f"UPDATE orders_invoice SET {column} = %s WHERE id = %s", getattr(first, column), second.pk
    )


def test_an_order_has_one_invoice() -> None:
    order = OrderFactory.create()
    InvoiceFactory.create(order=order, customer=order.customer)

    with pytest.raises(IntegrityError), transaction.atomic():
        InvoiceFactory.create(order=order, customer=order.customer)

    assert Invoice.objects.count() == 1


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("orders_orderline", "gross = gross + 1"),
        ("orders_orderline", "net = net + 1, vat = vat - 1, unit_price = -unit_price"),
        ("orders_orderline", "quantity = 0, gross = 0, net = 0, vat = 0"),
        ("orders_orderline", "vat_bp = 10001"),
        ("orders_invoiceline", "net = -1, vat = gross + 1"),
        ("orders_invoicepart", "net = -1"),
        ("orders_invoicepart", "vat_bp = -1"),
        ("orders_order", "total = -1"),
        ("orders_order", "currency = 'EURO'"),
        ("orders_order", "number = ''"),
        ("orders_product", "unit_price = -1"),
        ("orders_numberseries", "next_number = 0"),
    ],
)
def test_rows_that_do_not_add_up_are_refused(table: str, change: str) -> None:
    ProductFactory.create()
    InvoiceFactory.create(order=OrderFactory.create())

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change}")


def test_allocations_only_grow() -> None:
    invoice = InvoiceFactory.create()
    record_payment(invoices=[(invoice.pk, Money(100, "EUR"))], source_id="cap_1", cause="c1")

    refused("UPDATE orders_allocation SET amount = 1")
    refused("DELETE FROM orders_allocation")

    assert Allocation.objects.get().amount == 100


def test_an_allocation_of_nothing_or_twice_for_a_cause_is_refused() -> None:
    invoice = InvoiceFactory.create()
    fields: dict[str, Any] = {"invoice": invoice, "source_id": "cap_1", "cause": "c1"}
    Allocation.objects.create(amount=1, **fields)

    for amount in (0, 2):
        with pytest.raises(IntegrityError), transaction.atomic():
            Allocation.objects.create(amount=amount, **fields)

    assert Allocation.objects.count() == 1


def test_every_row_has_a_name_for_people() -> None:
    invoice = InvoiceFactory.create(order=OrderFactory.create())
    product = ProductFactory.create(unit_price=1_990)
    note = CreditNote(invoice=invoice, number="C1", amount=5)
    named: list[tuple[Model, str]] = [
        (invoice, invoice.number),
        (Order.objects.get(), Order.objects.get().number),
        (OrderLine.objects.get(), "Fibre 100"),
        (InvoiceLine.objects.get(), "Fibre 100"),
        (InvoicePart(vat_bp=2550, net=100, vat=26), "2550: 100 + 26"),
        (CreditNotePart(vat_bp=0, net=1, vat=0), "0: 1 + 0"),
        (note, "C1"),
        (product, "Fibre 100"),
        (NumberSeries(name="invoice"), "invoice"),
    ]

    for row, name in named:
        assert str(row) == name
    assert note.money == Money(5, "EUR")
    assert product.price == Money(1_990, "EUR")
    assert list(Product.objects.on_sale()) == [product]
