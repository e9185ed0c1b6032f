from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.urls import reverse

from core.money import Money
from orders.models import Order
from orders.services.allocate import record_payment
from orders.services.credit import issue_credit_note
from tests.clients import signed_in
from tests.factories.core import agent, auditor
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory, OrderFactory
from tests.orders.selling import counted, ordered

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

FRAME = 3  # session, user, telephone


def test_an_order_is_shown_with_its_lines_and_invoice(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    order = OrderFactory.create(total=12_550)
    invoice = InvoiceFactory.create(order=order, customer=order.customer)
    browser = signed_in(agent())

    with django_assert_max_num_queries(FRAME + 4):
        page = browser.get(reverse("orders:order", args=[order.public_id])).content.decode()

    assert f"Order {order.number}" in page
    assert "€125.50" in page
    assert "25.5\xa0%" in page
    assert reverse("orders:invoice", args=[invoice.public_id]) in page
    assert reverse("crm:customer", args=[order.customer.public_id]) in page


def test_an_invoice_is_shown_with_what_became_of_it(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    invoice = InvoiceFactory.create(total=10_000)
    record_payment(invoices=[(invoice.pk, Money(4_000, "EUR"))], source_id="cap_1", cause="c1")
    issue_credit_note(
        invoice=invoice, amount=Money(1_000, "EUR"), actor="import", reason="slow line"
    )
    browser = signed_in(agent())

    with django_assert_max_num_queries(FRAME + 6):
        page = browser.get(reverse("orders:invoice", args=[invoice.public_id])).content.decode()

    assert "€50.00" in page
    assert "€40.00" in page
    assert "slow line" in page
    assert "style=" not in page


def test_the_invoice_is_there_on_paper() -> None:
    invoice = InvoiceFactory.create()

    answer = signed_in(auditor()).get(reverse("orders:invoice-pdf", args=[invoice.public_id]))

    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].endswith(f'"invoice-{invoice.number}.pdf"')
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["order", "invoice", "invoice-pdf"])
def test_strangers_must_sign_in_and_what_is_not_there_is_not_found(name: str) -> None:
    address = reverse(f"orders:{name}", args=["ord_nothing"])

    assert Client().get(address).status_code == 302
    assert signed_in(agent()).get(address).status_code == 404
    assert signed_in(agent()).post(address).status_code == 405


def test_the_customers_page_says_what_is_owed() -> None:
    customer = CustomerFactory.create()
    InvoiceFactory.create(customer=customer, total=18_490)
    browser = signed_in(agent())

    owing = browser.get(reverse("crm:customer", args=[customer.public_id])).content.decode()
    owed_nothing = browser.get(reverse("crm:customer", args=[CustomerFactory.create().public_id]))

    assert "Owes now" in owing
    assert "€184.90" in owing
    assert "Nothing is open" in owed_nothing.content.decode()


def test_the_orders_tab_lists_invoices_and_what_waits_for_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    customer = CustomerFactory.create()
    invoices = InvoiceFactory.create_batch(3, customer=customer)
    waiting = OrderFactory.create(customer=customer)
    canceled = OrderFactory.create(customer=customer, status=Order.Status.CANCELED)
    browser = signed_in(agent())
    address = reverse("crm:customer-tab", args=[customer.public_id, "orders"])
    browser.get(address)

    with django_assert_max_num_queries(12):
        page = browser.get(address).content.decode()

    for number in (*(row.number for row in invoices), waiting.number, canceled.number):
        assert number in page


def test_the_orders_tab_pages_through_many_invoices() -> None:
    customer = CustomerFactory.create()
    invoices = InvoiceFactory.create_batch(51, customer=customer)
    browser = signed_in(agent())
    address = reverse("crm:customer-tab", args=[customer.public_id, "orders"])

    first = browser.get(address).content.decode()
    second = browser.get(address, {"page": "2"}).content.decode()

    assert invoices[0].number not in first
    assert invoices[0].number in second


def test_an_order_shows_what_it_holds_of_the_stock() -> None:
    order = ordered(counted(3), 2)

    page = signed_in(agent()).get(reverse("orders:order", args=[order.public_id])).text

    assert "2 × Router" in page
    assert "held" in page
