"""Made-up products, orders and invoices for the demo and the benchmarks, written by COPY.

The same seed gives the same history: numbered by date, findable, and still to be paid. Which
invoices are paid, late or disputed is the business of payments.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import cache
from itertools import batched
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from core import bell
from core.ids import make_public_id
from crm.seeding import KEY_COLUMNS, copy_rows, reserve_ids
from orders import lines as new_lines
from orders import numbering
from orders.lines import NewLine, Priced
from orders.models import Order, Product
from orders.reference_numbers import finnish_reference, print_reference, rf_reference

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    type Row = tuple[object, ...]

CURRENCY = "EUR"
ROWS_PER_COPY = 10_000
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
ON_HAND = {"ROUTER-AX": 240, "ROUTER-BE": 60, "SET-TOP-BOX": 120, "TICKET-ARENA": 400}
FIBRES = ("FIBRE-100", "FIBRE-200", "FIBRE-1000")
MOBILES = ("MOBILE-20", "MOBILE-5G")
TELEVISIONS = ("TV-FAMILY", "TV-SPORT")

ORDER_COLUMNS = "id created_at public_id customer_id number currency status total"
LINE_COLUMNS = "position description quantity unit_price vat_bp gross net vat"
PART_COLUMNS = "invoice_id vat_bp net vat"
INVOICE_COLUMNS = (
    "id created_at public_id customer_id order_id number reference rf_reference currency"
    " issued_on due_on description total allocated credited is_posted"
)
ENTRY_COLUMNS = "created_at customer_id kind at object_id data"


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is sold together, priced once for everybody who buys it."""

    priced: Priced
    description: str


@dataclass(frozen=True, slots=True)
class Sale:
    """One order that somebody once placed, and whether it was invoiced."""

    customer_id: int
    day: dt.date
    bundle: Bundle
    period: str = ""
    status: Order.Status = Order.Status.CLOSED

    @property
    def total(self) -> int:
        return self.bundle.priced.total

    @property
    def description(self) -> str:
        return ", ".join(filter(None, [self.bundle.description, self.period]))

    @property
    def moment(self) -> str:
        """Half past six in the business's time zone: before anything of that day is paid."""
        morning = dt.datetime.combine(self.day, dt.time(6, 30), timezone.get_default_timezone())
        return morning.isoformat()


def seed_orders(customers: Sequence[int], rng: random.Random, today: dt.date) -> int:
    """Give customers (primary keys) a history of orders and invoices; answers how many invoices.

    Nothing is paid yet, so whatever is older than two weeks is overdue until payments come.
    """
    ensure_products()
    sales = [sale for pk in customers for sale in _history(pk, rng, today)]
    sales.sort(key=lambda sale: sale.day)
    for batch in batched(sales, ROWS_PER_COPY):
        _write(batch)
    bell.ring_on_commit("postings")
    return sum(sale.status == Order.Status.CLOSED for sale in sales)


def ensure_products() -> None:
    """Make the products that are missing, and count those that nobody counts. Safe to repeat."""
    Product.objects.bulk_create(
        [
            Product(sku=sku, name=name, unit_price=price, currency=CURRENCY, vat_bp=rate)
            for sku, name, price, rate in PRODUCTS
        ],
        ignore_conflicts=True,
    )
    for sku, on_hand in ON_HAND.items():
        Product.objects.filter(sku=sku, on_hand=None).update(on_hand=on_hand)


def _history(customer_id: int, rng: random.Random, today: dt.date) -> Iterator[Sale]:
    """Invent monthly bills, sometimes a device or a visit, seldom an order still open."""
    bought = [rng.choice(FIBRES)]
    bought += [rng.choice(MOBILES)] if rng.random() < HAS_MOBILE else []
    bought += [rng.choice(TELEVISIONS)] if rng.random() < HAS_TELEVISION else []
    billed_on = today - dt.timedelta(days=rng.randrange(28))
    for _ in range(rng.randint(1, MOST_MONTHS)):
        period = f"{billed_on.month}/{billed_on.year}"
        yield Sale(customer_id, billed_on, _bundle(*bought), period)
        billed_on -= dt.timedelta(days=30)
    if rng.random() < BOUGHT_SOMETHING:
        yield Sale(customer_id, _some_day(rng, today), _bundle(rng.choice(DEVICES)))
    if rng.random() < HAS_OPEN_ORDER:
        device = _bundle(rng.choice(DEVICES))
        yield Sale(customer_id, today, device, status=Order.Status.OPEN)
    if rng.random() < HAS_CANCELED_ORDER:
        device = _bundle(rng.choice(DEVICES))
        yield Sale(customer_id, _some_day(rng, today), device, status=Order.Status.CANCELED)


@cache
def _bundle(*skus: str) -> Bundle:
    """Price products that are bought together."""
    lines = [NewLine(name, 1, price, rate) for sku, name, price, rate in PRODUCTS if sku in skus]
    description = ", ".join(line.description for line in lines)
    return Bundle(new_lines.price(lines, CURRENCY), description)


def _some_day(rng: random.Random, today: dt.date) -> dt.date:
    return today - dt.timedelta(days=rng.randrange(150))


@transaction.atomic
def _write(sales: Sequence[Sale]) -> None:
    """Write orders and invoices with all that belongs to them, table by table, by COPY."""
    order_ids = reserve_ids("orders_order", len(sales))
    numbers = numbering.take_order_numbers(len(sales))
    orders = list(zip(order_ids, numbers, sales, strict=True))
    copy_rows("orders_order", ORDER_COLUMNS, [_order(*order) for order in orders])
    copy_rows("orders_orderline", LINE_COLUMNS + " order_id", _lines(order_ids, sales))
    invoiced = [(pk, sale) for pk, _, sale in orders if sale.status == Order.Status.CLOSED]
    invoices = _number(invoiced)
    ids, asked = [row.pk for row in invoices], [row.sale for row in invoices]
    copy_rows("orders_invoice", INVOICE_COLUMNS, map(_invoice, invoices))
    copy_rows("orders_invoiceline", LINE_COLUMNS + " invoice_id", _lines(ids, asked))
    copy_rows("orders_invoicepart", PART_COLUMNS, _parts(ids, asked))
    keys = [(sale.customer_id, "order", number, "") for _, number, sale in orders]
    copy_rows(
        "crm_searchkey", KEY_COLUMNS, [*keys, *(key for row in invoices for key in _keys(row))]
    )
    copy_rows("crm_timelineentry", ENTRY_COLUMNS, map(_entry, invoices))


@dataclass(frozen=True, slots=True)
class Numbered:
    """An invoice that is about to be written."""

    pk: int
    public_id: str
    number: str
    order_id: int
    sale: Sale

    @property
    def reference(self) -> str:
        return finnish_reference(self.number)


def _number(invoiced: Sequence[tuple[int, Sale]]) -> list[Numbered]:
    ids = reserve_ids("orders_invoice", len(invoiced))
    numbers = numbering.take_numbers(numbering.INVOICES, len(invoiced))
    return [
        Numbered(pk, make_public_id("inv"), str(number), order_id, sale)
        for pk, number, (order_id, sale) in zip(ids, numbers, invoiced, strict=True)
    ]


def _order(pk: int, number: str, sale: Sale) -> Row:
    who_and_what = (sale.customer_id, number, CURRENCY, sale.status.value, sale.total)
    return (pk, sale.moment, make_public_id("ord"), *who_and_what)


def _invoice(row: Numbered) -> Row:
    sale, reference = row.sale, row.reference
    due_on = sale.day + dt.timedelta(days=DAYS_TO_PAY)
    names = (row.public_id, sale.customer_id, row.order_id, row.number)
    words = (reference, rf_reference(reference), CURRENCY, sale.day, due_on, sale.description)
    return (row.pk, sale.moment, *names, *words, sale.total, 0, 0, "f")


def _lines(ids: Sequence[int], sales: Sequence[Sale]) -> Iterator[Row]:
    for pk, sale in zip(ids, sales, strict=True):
        for position, (line, part) in enumerate(sale.bundle.priced.lines, start=1):
            sold = (position, line.description, line.quantity, line.unit_price, line.vat_bp)
            yield (*sold, part.gross, part.net, part.vat, pk)


def _parts(ids: Sequence[int], sales: Sequence[Sale]) -> Iterator[Row]:
    for pk, sale in zip(ids, sales, strict=True):
        for part in sale.bundle.priced.parts:
            yield pk, part.vat_bp, part.net, part.vat


def _keys(row: Numbered) -> Iterator[Row]:
    """Find the customer by the same keys that the services would write."""
    yield row.sale.customer_id, "invoice", row.number, ""
    yield row.sale.customer_id, "reference", row.reference, print_reference(row.reference)


def _entry(row: Numbered) -> Row:
    data = {"number": row.number, "amount": row.sale.total, "currency": CURRENCY}
    moment = row.sale.moment
    return (
        *(moment, row.sale.customer_id, "invoice.issued", moment, row.public_id),
        json.dumps(data),
    )
