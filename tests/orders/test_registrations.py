from __future__ import annotations

import pytest

from core import pan
from core.money import Money
from crm.models import TimelineEntry
from crm.services import timeline
from crm.services.merging import merge_customers, unmerge_customers
from orders.registrations import references_of_ours, register_all
from orders.services.allocate import record_payment
from tests.factories.core import senior_agent
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory, OrderFactory

pytestmark = pytest.mark.django_db


def test_orders_and_invoices_follow_a_merge_and_come_back() -> None:
    source, target = CustomerFactory.create_batch(2)
    order = OrderFactory.create(customer=source)
    invoice = InvoiceFactory.create(customer=source)

    merge = merge_customers(source=source, target=target, actor=senior_agent())
    order.refresh_from_db()
    invoice.refresh_from_db()
    assert (order.customer, invoice.customer) == (target, target)

    unmerge_customers(merge, actor=senior_agent())
    order.refresh_from_db()
    invoice.refresh_from_db()
    assert (order.customer, invoice.customer) == (source, source)


def test_an_open_reference_of_ours_is_no_card_number() -> None:
    number = next(n for n in range(4 * 10**15, 5 * 10**15) if pan.looks_like_card(str(n)))
    invoice = InvoiceFactory.create(reference=str(number))

    assert not pan.looks_like_card(f"reference {number}")
    assert references_of_ours({str(number), "1234561"}) == {str(number)}

    record_payment(invoices=[(invoice.pk, Money(10_000, "EUR"))], source_id="cap_1", cause="c1")
    assert pan.looks_like_card(f"reference {number}")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("order.placed", "Order 12 placed, €1.00"),
        ("order.canceled", "Order 12 cancelled"),
        ("invoice.issued", "Invoice 12 sent, €1.00"),
        ("credit_note.issued", "€1.00 of invoice 34 credited, note 12"),
    ],
)
def test_timeline_entries_read_as_sentences(kind: str, sentence: str) -> None:
    data = {"number": "12", "invoice": "34", "amount": 100, "currency": "EUR"}
    register_all()

    assert timeline.describe(TimelineEntry(kind=kind, data=data)) == sentence
