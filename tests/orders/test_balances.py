from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.models import F

from core.jobs import business_date
from core.money import Money
from orders.balances import Balance, invoices_with_wrong_sums, of_customer, outstanding
from orders.models import Invoice
from orders.services.allocate import record_payment
from orders.services.credit import issue_credit_note
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


def test_a_balance_per_currency_splits_off_what_is_overdue(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    customer = CustomerFactory.create()
    late = business_date() - dt.timedelta(days=1)
    InvoiceFactory.create(customer=customer, total=10_000)
    overdue = InvoiceFactory.create(customer=customer, total=5_000, due_on=late)
    InvoiceFactory.create(customer=customer, total=700, currency="SEK")
    InvoiceFactory.create(total=99_999)
    record_payment(invoices=[(overdue.pk, Money(1_000, "EUR"))], source_id="cap_1", cause="c1")
    issue_credit_note(invoice=overdue, amount=Money(500, "EUR"), actor="import")

    with django_assert_num_queries(1):
        balances = of_customer(customer.pk)

    assert balances == [
        Balance(owed=Money(13_500, "EUR"), overdue=Money(3_500, "EUR")),
        Balance(owed=Money(700, "SEK"), overdue=Money(0, "SEK")),
    ]
    assert outstanding(customer.pk) == [Money(13_500, "EUR"), Money(700, "SEK")]


def test_who_owes_nothing_has_no_balance() -> None:
    invoice = InvoiceFactory.create()
    record_payment(invoices=[(invoice.pk, invoice.total_money)], source_id="cap_1", cause="c1")

    assert of_customer(invoice.customer_id) == []


def test_open_items_stand_oldest_due_first(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    customer, today = CustomerFactory.create(), business_date()
    days = [9, -3, 4]
    invoices = [
        InvoiceFactory.create(customer=customer, due_on=today + dt.timedelta(days=day))
        for day in days
    ]
    paid = InvoiceFactory.create(customer=customer)
    record_payment(invoices=[(paid.pk, paid.total_money)], source_id="cap_1", cause="c1")

    with django_assert_num_queries(1):
        shown = [
            (item.number, item.status, item.open_money, item.description)
            for item in Invoice.objects.open_items(customer.pk)
        ]

    expected = [invoices[1].number, invoices[2].number, invoices[0].number]
    assert [number for number, *_ in shown] == expected


@pytest.mark.parametrize("read", ["balance", "open items"])
def test_what_is_open_is_read_from_its_own_index(read: str) -> None:
    customer = CustomerFactory.create()
    InvoiceFactory.create_batch(3, customer=customer)
    settled = InvoiceFactory.build_batch(600, customer=customer, allocated=10_000)
    Invoice.objects.bulk_create(settled)
    rows: QuerySet[Invoice, Any] = Invoice.objects.open_items(customer.pk)
    if read == "balance":
        rows = Invoice.objects.open().of_customer(customer.pk).values("currency", "open_amount")

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = rows.explain()

    assert "invoice_open_items" in plan
    assert "Sort" not in plan


def test_sums_that_differ_from_their_rows_are_found() -> None:
    right, wrong = InvoiceFactory.create_batch(2, total=10_000)
    record_payment(invoices=[(right.pk, Money(1_000, "EUR"))], source_id="cap_1", cause="c1")
    issue_credit_note(invoice=right, amount=Money(500, "EUR"), actor="import")
    assert not invoices_with_wrong_sums().exists()

    Invoice.objects.filter(pk=wrong.pk).update(credited=F("credited") + 1)

    assert invoices_with_wrong_sums().get() == wrong
