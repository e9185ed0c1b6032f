from __future__ import annotations

import pytest

from core.models import AuditEvent
from core.money import Money
from crm.models import SearchKey, TimelineEntry
from orders.errors import CurrencyUnusable, LinesMissing, LineUnusable, OrderHasMoney
from orders.lines import NewLine
from orders.models import CreditNote, Invoice, Order, OrderLine
from orders.services.allocate import record_payment
from orders.services.place import cancel_order, place_order
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory, OrderFactory, ProductFactory

pytestmark = pytest.mark.django_db

LINE = NewLine("Fibre 100", 2, 3_990, 2550)


def test_an_order_holds_every_sum_of_its_lines() -> None:
    lines = [LINE, NewLine("Support visit", 1, 5_700, 1400)]

    order = place_order(
        customer=CustomerFactory.create(), lines=lines, currency="EUR", actor=UserFactory.create()
    )

    assert order.money == Money(13_680, "EUR")
    assert order.status == Order.Status.OPEN
    assert [(line.gross, line.net, line.vat) for line in order.lines.all()] == [
        (7_980, 6_359, 1_621),
        (5_700, 5_000, 700),
    ]


def test_an_order_is_found_by_its_number_and_stands_in_the_timeline() -> None:
    customer = CustomerFactory.create()

    order = place_order(customer=customer, lines=[LINE], currency="EUR", actor=UserFactory.create())

    key = SearchKey.objects.get(kind=SearchKey.Kind.ORDER, customer=customer)
    entry = TimelineEntry.objects.get(kind="order.placed", customer=customer)
    assert key.key == order.number
    assert entry.object_id == order.public_id
    assert entry.data == {"number": order.number, "amount": 7_980, "currency": "EUR"}
    assert AuditEvent.objects.filter(action="order.placed", object_id=order.public_id).exists()


def test_a_product_is_copied_into_the_line() -> None:
    product = ProductFactory.create(name="Router", unit_price=12_900)

    order = place_order(
        customer=CustomerFactory.create(),
        lines=[NewLine.of(product, 2)],
        currency="EUR",
        actor=UserFactory.create(),
    )
    product.unit_price = 1
    product.save()

    line = order.lines.get()
    assert (line.description, line.unit_price, line.gross) == ("Router", 12_900, 25_800)


def test_a_currency_without_decimals_keeps_whole_units() -> None:
    order = place_order(
        customer=CustomerFactory.create(),
        lines=[NewLine("Visit", 1, 1_255, 2550)],
        currency="JPY",
        actor=UserFactory.create(),
    )

    line = order.lines.get()
    assert (line.net, line.vat) == (1_000, 255)


@pytest.mark.parametrize(
    "line",
    [
        NewLine("Nothing", 0, 100, 2550),
        NewLine("Less than nothing", -1, 100, 2550),
        NewLine("A gift", 1, -100, 2550),
        NewLine("A strange rate", 1, 100, 10_001),
        NewLine("Too dear", 1, 10**12 + 1, 0),
    ],
)
def test_an_impossible_line_is_refused_and_named(line: NewLine) -> None:
    with pytest.raises(LineUnusable, match="Line 2 "):
        place_order(
            customer=CustomerFactory.create(),
            lines=[LINE, line],
            currency="EUR",
            actor=UserFactory.create(),
        )

    assert not Order.objects.exists()
    assert not TimelineEntry.objects.filter(kind="order.placed").exists()


def test_an_order_without_lines_or_with_an_unknown_currency_is_refused() -> None:
    customer, actor = CustomerFactory.create(), UserFactory.create()

    with pytest.raises(LinesMissing):
        place_order(customer=customer, lines=[], currency="EUR", actor=actor)
    with pytest.raises(CurrencyUnusable, match="EURO"):
        place_order(customer=customer, lines=[LINE], currency="EURO", actor=actor)

    assert not Order.objects.exists()


def test_a_card_number_in_a_line_is_masked_before_it_is_stored() -> None:
    order = place_order(
        customer=CustomerFactory.create(),
        lines=[NewLine("Card 4111 1111 1111 1111", 1, 100, 0)],
        currency="EUR",
        actor=UserFactory.create(),
    )

    assert "4111" not in OrderLine.objects.get(order=order).description.replace("1111", "", 1)


def test_the_order_of_a_merged_customer_goes_to_the_one_it_became() -> None:
    target = CustomerFactory.create()
    source = CustomerFactory.create(merged_into=target)

    order = place_order(customer=source, lines=[LINE], currency="EUR", actor="import")

    assert order.customer == target


def test_cancelling_credits_what_is_open_on_the_invoice() -> None:
    order = OrderFactory.create(total=10_000, status=Order.Status.CLOSED)
    invoice = InvoiceFactory.create(order=order, customer=order.customer, total=10_000)

    cancel_order(order=order, actor=UserFactory.create(), reason="changed their mind")

    order.refresh_from_db()
    invoice.refresh_from_db()
    assert order.status == Order.Status.CANCELED
    assert (invoice.credited, invoice.open_amount) == (10_000, 0)
    assert invoice.status == Invoice.Status.CREDITED
    assert CreditNote.objects.get().amount == 10_000


def test_cancelling_twice_changes_nothing_more() -> None:
    order, actor = OrderFactory.create(), UserFactory.create()
    cancel_order(order=order, actor=actor)

    cancel_order(order=order, actor=actor)

    assert TimelineEntry.objects.filter(kind="order.canceled").count() == 1


def test_an_order_with_money_on_it_cannot_be_cancelled() -> None:
    order = OrderFactory.create(total=10_000, status=Order.Status.CLOSED)
    invoice = InvoiceFactory.create(order=order, customer=order.customer, total=10_000)
    record_payment(invoices=[(invoice.pk, Money(100, "EUR"))], source_id="cap_1", cause="c1")

    with pytest.raises(OrderHasMoney, match=r"€1\.00 has been paid"):
        cancel_order(order=order, actor=UserFactory.create())

    order.refresh_from_db()
    assert order.status == Order.Status.CLOSED
    assert not CreditNote.objects.exists()
