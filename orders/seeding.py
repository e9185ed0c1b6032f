"""Made-up products, orders and invoices for the demo: the same seed gives the same history.

Everything is written in sets, numbered by date, findable, and still to be paid: which invoices
are paid, late or disputed is the business of payments.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core import bell
from crm.models import TimelineEntry
from crm.search import keys
from orders import lines as new_lines
from orders import numbering, search_keys
from orders.lines import NewLine, Priced
from orders.models import Invoice, InvoiceLine, InvoicePart, Order, OrderLine, Product
from orders.reference_numbers import finnish_reference, rf_reference

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

CURRENCY = "EUR"
ROWS_PER_STATEMENT = 1_000
DAYS_TO_PAY = 14
MOST_MONTHS = 5
HAS_MOBILE = 0.55
HAS_TELEVISION = 0.3
BOUGHT_SOMETHING = 0.4
HAS_OPEN_ORDER = 0.04
HAS_CANCELED_ORDER = 0.03
DEVICES = ("ROUTER-AX", "ROUTER-BE", "SET-TOP-BOX", "VISIT", "TICKET-ARENA")

# sku, name, price in cents with tax, rate in basis points
PRODUCTS = (
    ("FIBRE-100", "Fibre 100 M", 2_990, 2550),
    ("FIBRE-200", "Fibre 200 M", 3_490, 2550),
    ("FIBRE-1000", "Fibre 1000 M", 4_990, 2550),
    ("MOBILE-20", "Mobile 20 GB", 1_690, 2550),
    ("MOBILE-5G", "Mobile 5G unlimited", 2_790, 2550),
    ("TV-FAMILY", "TV Family", 1_990, 2550),
    ("TV-SPORT", "TV Sport", 2_990, 2550),
    ("ROUTER-AX", "Router AX 3000", 10_500, 2550),
    ("ROUTER-BE", "Router BE 7200", 18_900, 2550),
    ("SET-TOP-BOX", "Set-top box", 7_900, 2550),
    ("VISIT", "Support visit", 8_900, 2550),
    ("TICKET-ARENA", "Arena evening, ticket", 3_400, 1400),
)
FIBRES = ("FIBRE-100", "FIBRE-200", "FIBRE-1000")
MOBILES = ("MOBILE-20", "MOBILE-5G")
TELEVISIONS = ("TV-FAMILY", "TV-SPORT")


@dataclass(frozen=True, slots=True)
class Sale:
    """One order that somebody once placed, and whether it was invoiced."""

    customer_id: int
    day: dt.date
    priced: Priced
    description: str
    status: Order.Status = Order.Status.CLOSED


def seed_orders(customers: Sequence[int], rng: random.Random, today: dt.date) -> int:
    """Give customers (primary keys) a history of orders and invoices; answers how many invoices.

    Nothing is paid yet, so whatever is older than two weeks is overdue until payments come.
    """
    ensure_products()
    sales = [sale for pk in customers for sale in _history(pk, rng, today)]
    sales.sort(key=lambda sale: sale.day)
    for batch in batched(sales, ROWS_PER_STATEMENT):
        _write(batch)
    bell.ring_on_commit("postings")
    return sum(sale.status == Order.Status.CLOSED for sale in sales)


def ensure_products() -> None:
    """Make the products that are missing. Safe to repeat."""
    Product.objects.bulk_create(
        [
            Product(sku=sku, name=name, unit_price=price, currency=CURRENCY, vat_bp=rate)
            for sku, name, price, rate in PRODUCTS
        ],
        ignore_conflicts=True,
    )


def _history(customer_id: int, rng: random.Random, today: dt.date) -> Iterator[Sale]:
    """Invent monthly bills, sometimes a device or a visit, seldom an order still open."""
    bought = [rng.choice(FIBRES)]
    bought += [rng.choice(MOBILES)] if rng.random() < HAS_MOBILE else []
    bought += [rng.choice(TELEVISIONS)] if rng.random() < HAS_TELEVISION else []
    billed_on = today - dt.timedelta(days=rng.randrange(28))
    for _ in range(rng.randint(1, MOST_MONTHS)):
        yield _sale(customer_id, billed_on, bought, f"{billed_on.month}/{billed_on.year}")
        billed_on -= dt.timedelta(days=30)
    if rng.random() < BOUGHT_SOMETHING:
        yield _sale(customer_id, _some_day(rng, today), [rng.choice(DEVICES)])
    if rng.random() < HAS_OPEN_ORDER:
        yield _sale(customer_id, today, [rng.choice(DEVICES)], status=Order.Status.OPEN)
    if rng.random() < HAS_CANCELED_ORDER:
        day, skus = _some_day(rng, today), [rng.choice(DEVICES)]
        yield _sale(customer_id, day, skus, status=Order.Status.CANCELED)


def _sale(
    customer_id: int,
    day: dt.date,
    skus: Sequence[str],
    period: str = "",
    status: Order.Status = Order.Status.CLOSED,
) -> Sale:
    sold = [product for product in PRODUCTS if product[0] in skus]
    lines = [NewLine(name, 1, price, rate) for _, name, price, rate in sold]
    description = ", ".join([*(line.description for line in lines), *([period] if period else [])])
    return Sale(customer_id, day, new_lines.price(lines, CURRENCY), description, status)


def _some_day(rng: random.Random, today: dt.date) -> dt.date:
    return today - dt.timedelta(days=rng.randrange(150))


@transaction.atomic
def _write(sales: Sequence[Sale]) -> None:
    """Write orders, invoices, lines, parts, search keys and timeline, each in one statement."""
    orders = Order.objects.bulk_create(_orders(sales))
    _add_lines(OrderLine, "order", sales, orders)
    asked = [
        (sale, order)
        for sale, order in zip(sales, orders, strict=True)
        if sale.status == Order.Status.CLOSED
    ]
    invoices = Invoice.objects.bulk_create(_invoices(asked))
    invoiced = [sale for sale, _ in asked]
    _add_lines(InvoiceLine, "invoice", invoiced, invoices)
    InvoicePart.objects.bulk_create(
        InvoicePart(invoice=invoice, vat_bp=part.vat_bp, net=part.net, vat=part.vat)
        for sale, invoice in zip(invoiced, invoices, strict=True)
        for part in sale.priced.parts
    )
    keys.write_all(key for order in orders for key in search_keys.keys_of_order(order))
    keys.write_all(key for invoice in invoices for key in search_keys.keys_of_invoice(invoice))
    TimelineEntry.objects.bulk_create(_entry(invoice) for invoice in invoices)


def _add_lines[Line: (OrderLine, InvoiceLine)](
    model: type[Line],
    parent: str,
    sales: Sequence[Sale],
    rows: Sequence[Order] | Sequence[Invoice],
) -> None:
    model.objects.bulk_create(
        line
        for sale, row in zip(sales, rows, strict=True)
        for line in sale.priced.rows(model, **{parent: row})
    )


def _orders(sales: Sequence[Sale]) -> Iterator[Order]:
    numbers = numbering.take_order_numbers(len(sales))
    for sale, number in zip(sales, numbers, strict=True):
        yield Order(
            customer_id=sale.customer_id,
            number=number,
            currency=CURRENCY,
            status=sale.status,
            total=sale.priced.total,
            created_at=_morning(sale.day),
        )


def _invoices(asked: Sequence[tuple[Sale, Order]]) -> Iterator[Invoice]:
    numbers = numbering.take_numbers(numbering.INVOICES, len(asked))
    for (sale, order), number in zip(asked, numbers, strict=True):
        reference = finnish_reference(str(number))
        yield Invoice(
            customer_id=sale.customer_id,
            order=order,
            number=str(number),
            reference=reference,
            rf_reference=rf_reference(reference),
            currency=CURRENCY,
            issued_on=sale.day,
            due_on=sale.day + dt.timedelta(days=DAYS_TO_PAY),
            description=sale.description,
            total=sale.priced.total,
            created_at=_morning(sale.day),
        )


def _entry(invoice: Invoice) -> TimelineEntry:
    return TimelineEntry(
        customer_id=invoice.customer_id,
        kind="invoice.issued",
        at=invoice.created_at,
        object_id=invoice.public_id,
        data={"number": invoice.number, "amount": invoice.total, "currency": invoice.currency},
    )


def _morning(day: dt.date) -> dt.datetime:
    """Half past six in the business's time zone: before anything of that day is paid."""
    return dt.datetime.combine(day, dt.time(6, 30), timezone.get_default_timezone())
