from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from core.jobs import business_date
from core.models import AuditEvent
from core.money import Money
from crm.models import SearchKey, TimelineEntry
from crm.search import find_customers
from orders.errors import DueDateTooEarly, NothingToInvoice, OrderNotOpen
from orders.lines import Draft, NewLine
from orders.models import Invoice, NumberSeries, Order
from orders.reference_numbers import finnish_reference, is_rf_reference
from orders.services.invoice import issue_invoice, issue_invoice_without_order
from orders.services.place import place_order
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory
from tests.factories.orders import OrderFactory
from tests.orders.threads import THREADS, race

pytestmark = pytest.mark.django_db

DRAFT = Draft([NewLine("Callout", 1, 12_550, 2550)], "EUR", "Callout in May")


def in_two_weeks() -> dt.date:
    return business_date() + dt.timedelta(days=14)


def test_an_invoice_asks_for_the_order_and_closes_it() -> None:
    customer, actor = CustomerFactory.create(), UserFactory.create()
    lines = [NewLine("Fibre 100", 2, 3_990, 2550), NewLine("Visit", 1, 5_700, 1400)]
    order = place_order(customer=customer, lines=lines, currency="EUR", actor=actor)

    invoice = issue_invoice(order=order, due_on=in_two_weeks(), actor=actor)

    order.refresh_from_db()
    assert order.status == Order.Status.CLOSED
    assert invoice.total_money == invoice.open_money == order.money
    assert [(part.vat_bp, part.net, part.vat) for part in invoice.parts.all()] == [
        (1400, 5_000, 700),
        (2550, 6_359, 1_621),
    ]
    assert [line.description for line in invoice.lines.all()] == ["Fibre 100", "Visit"]
    assert not invoice.is_posted


def test_number_and_references_belong_together() -> None:
    invoice = issue_invoice_without_order(
        customer=CustomerFactory.create(), draft=DRAFT, due_on=in_two_weeks(), actor="import"
    )

    assert invoice.reference == finnish_reference(invoice.number)
    assert is_rf_reference(invoice.rf_reference)
    assert invoice.rf_reference.endswith(invoice.reference)


def test_the_customer_is_found_by_number_and_by_either_reference() -> None:
    customer = CustomerFactory.create()

    invoice = issue_invoice_without_order(
        customer=customer, draft=DRAFT, due_on=in_two_weeks(), actor=UserFactory.create()
    )

    for term in (invoice.number, invoice.reference, invoice.rf_reference):
        assert customer in [match.customer for match in find_customers(term)]
    assert SearchKey.objects.filter(customer=customer, kind="reference").count() == 1


def test_issuing_is_noted_and_rings_for_the_postings() -> None:
    invoice = issue_invoice_without_order(
        customer=CustomerFactory.create(), draft=DRAFT, due_on=in_two_weeks(), actor="import"
    )

    entry = TimelineEntry.objects.get(kind="invoice.issued")
    assert entry.data == {"number": invoice.number, "amount": 12_550, "currency": "EUR"}
    assert AuditEvent.objects.filter(action="invoice.issued", object_id=invoice.public_id).exists()


@pytest.mark.parametrize("status", [Order.Status.CLOSED, Order.Status.CANCELED])
def test_only_an_open_order_is_invoiced(status: str) -> None:
    order = OrderFactory.create(status=status)

    with pytest.raises(OrderNotOpen, match=order.number):
        issue_invoice(order=order, due_on=in_two_weeks(), actor=UserFactory.create())

    assert not Invoice.objects.exists()


def test_a_due_date_in_the_past_is_refused_and_takes_no_number() -> None:
    order = OrderFactory.create()
    number = NumberSeries.objects.get(name="invoice").next_number
    yesterday = business_date() - dt.timedelta(days=1)

    with pytest.raises(DueDateTooEarly):
        issue_invoice(order=order, due_on=yesterday, actor=UserFactory.create())

    order.refresh_from_db()
    assert order.status == Order.Status.OPEN
    assert not Invoice.objects.exists()
    assert NumberSeries.objects.get(name="invoice").next_number == number


def test_an_invoice_over_nothing_is_refused() -> None:
    draft = Draft([NewLine("A gift", 1, 0, 2550)], "EUR")

    with pytest.raises(NothingToInvoice):
        issue_invoice_without_order(
            customer=CustomerFactory.create(), draft=draft, due_on=in_two_weeks(), actor="import"
        )

    assert not Invoice.objects.exists()


@pytest.mark.parametrize(("due_in", "status"), [(-1, "overdue"), (0, "open"), (1, "open")])
def test_what_is_due_today_is_not_yet_overdue(due_in: int, status: str) -> None:
    today = business_date()
    due_on = today + dt.timedelta(days=due_in)
    invoice = Invoice(open_amount=1, total=1, issued_on=due_on, due_on=due_on)

    assert invoice.status_on(today) == status


def test_an_order_and_its_invoice_can_be_made_in_one_transaction() -> None:
    actor = UserFactory.create()

    with transaction.atomic():
        order = place_order(
            customer=CustomerFactory.create(),
            lines=DRAFT.lines,
            currency="EUR",
            actor=actor,
        )
        invoice = issue_invoice(order=order, due_on=in_two_weeks(), actor=actor)

    assert invoice.total_money == Money(12_550, "EUR")


@pytest.mark.django_db(transaction=True)
def test_an_order_is_invoiced_once_however_many_try() -> None:
    order, actor = OrderFactory.create(), UserFactory.create()

    def try_to_invoice() -> bool:
        try:
            issue_invoice(order=order, due_on=in_two_weeks(), actor=actor)
        except OrderNotOpen:
            return False
        return True

    results = race([try_to_invoice] * THREADS)

    assert results.count(True) == 1
    assert Invoice.objects.filter(order=order).count() == 1
