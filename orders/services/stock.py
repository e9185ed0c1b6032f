"""Stock that orders hold: kept while its customer may still pay, taken by money, or given back.

Placing an order holds its pieces. Nothing on money's own way waits for them: a sweep finds what
was paid, what has run out and what may be paid again, and changes each hold under the locks of
its order, invoices and products.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core import locks
from core.locks import Rank
from crm.models import Task
from crm.services import tasks
from orders.errors import OutOfStock
from orders.models import Invoice, InvoiceHold, Order, Product, StockHold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from orders.lines import NewLine

    type Keeper = Callable[[Sequence[int]], Mapping[int, datetime]]

HELD_FOR = timedelta(hours=1)
"""How long an order holds its pieces before anybody has agreed how it is paid."""
LATE_MONEY = timedelta(days=60)
"""So long after a hold was given back, money that comes still gets the pieces if there are any."""
ARRANGED = timedelta(days=1)
"""Something that lasts long, such as a promise, is looked at again each day."""
Status = StockHold.Status

_keepers: list[Keeper] = []


def register(keeper: Keeper) -> None:
    """Let another app say which orders (by pk) may still be paid, and until when."""
    if keeper not in _keepers:
        _keepers.append(keeper)


def hold(order: Order, lines: Sequence[NewLine]) -> None:
    """Keep the counted products of new lines for their order. Call it in the order's transaction.

    Raises OutOfStock where fewer pieces are free. Products that nobody counts are not held.
    """
    wanted: Counter[int] = Counter()
    for line in lines:
        if line.product_id is not None:
            wanted[line.product_id] += line.quantity
    counted = Product.objects.filter(pk__in=list(wanted), on_hand__isnull=False)
    products = locks.rows(Rank.STOCK, counted) if wanted else []
    for product in products:
        available = product.available or 0
        if wanted[product.pk] > available:
            raise OutOfStock(product=product.name, available=available)
        product.held += wanted[product.pk]
    Product.objects.bulk_update(products, ["held"])
    held_until = timezone.now() + HELD_FOR
    StockHold.objects.bulk_create(
        StockHold(order=order, product=one, quantity=wanted[one.pk], held_until=held_until)
        for one in products
    )


def release(order: Order) -> None:
    """Give back what an order holds. The caller has locked the order."""
    held = list(StockHold.objects.filter(order=order, status=Status.HELD))
    products = _lock_products(held)
    for one in held:
        products[one.product_id].held -= one.quantity
        _end(one, Status.RELEASED)
    _write(held, products)


def settle() -> int:
    """Let each hold end that has to, or begin again; answers how many orders changed.

    Safe to run twice, or beside another: each order is looked at again under its locks.
    """
    return sum(_settle(order_id) for order_id in sorted({*_due(), *_asked_again()}))


def _due() -> list[int]:
    """Orders (by pk) with a hold that may have to end, or whose money came after it had ended."""
    now = timezone.now()
    is_paid = Exists(paid_invoices(OuterRef("order"))) & ~Exists(open_invoices(OuterRef("order")))
    is_over = Q(status=Status.HELD) & (Q(held_until__lte=now) | Q(is_paid))
    is_late = _released() & Q(is_paid)
    found = StockHold.objects.filter(is_over | is_late).order_by("order")
    return list(found.values_list("order", flat=True).distinct())


def _asked_again() -> list[int]:
    """Orders (by pk) that gave their pieces back, and may be paid all the same."""
    given_back = StockHold.objects.filter(_released()).exclude(order__status="canceled")
    orders = list(given_back.order_by("order").values_list("order", flat=True).distinct())
    return list(_kept_until(orders)) if orders else []


def _released() -> Q:
    return Q(status=Status.RELEASED, ended_at__gt=timezone.now() - LATE_MONEY)


def open_invoices(order: OuterRef | Order) -> QuerySet[Invoice]:
    return Invoice.objects.filter(order=order, open_amount__gt=0)


def paid_invoices(order: OuterRef | Order) -> QuerySet[Invoice]:
    return Invoice.objects.filter(order=order, allocated__gt=0)


@transaction.atomic
def _settle(order_id: int) -> bool:
    """End, prolong or begin again the holds of one order. Says whether anything changed."""
    order = locks.one(Rank.ORDER, Order.objects.filter(pk=order_id))
    invoices = locks.rows(Rank.INVOICE, Invoice.objects.filter(order=order))
    if any(one.allocated for one in invoices) and not any(one.open_amount for one in invoices):
        return _take(order)
    is_canceled = order.status == Order.Status.CANCELED
    until = None if is_canceled else _kept_until([order.pk]).get(order.pk)
    over = StockHold.objects.filter(order=order, status=Status.HELD, held_until__lte=timezone.now())
    if until is not None:
        return bool(over.update(held_until=until)) | _hold_again(order, until)
    if not over.exists():
        return False
    release(order)
    return True


def _kept_until(orders: Sequence[int]) -> dict[int, datetime]:
    """Which of some orders (by pk) may still be paid, and until when as far as is known now."""
    now = timezone.now()
    arranged = InvoiceHold.objects.in_force().filter(invoice__order__in=orders)
    until = dict.fromkeys(arranged.values_list("invoice__order", flat=True), now + ARRANGED)
    for keeper in _keepers:
        for order, instant in keeper(orders).items():
            until[order] = max(until.get(order, now), instant)
    return {order: instant for order, instant in until.items() if instant > now}


def _hold_again(order: Order, until: datetime) -> bool:
    """Hold what an order had given back, as far as there is enough of it."""
    given_back = list(StockHold.objects.filter(_released(), order=order))
    products = _lock_products(given_back)
    held = []
    for one in given_back:
        product = products[one.product_id]
        if product.available is not None and product.available >= one.quantity:
            product.held += one.quantity
            one.status, one.ended_at, one.held_until = Status.HELD, None, until
            held.append(one)
    _write(held, products)
    return bool(held)


def _take(order: Order) -> bool:
    """Give a paid order its pieces; those that are gone meanwhile become somebody's task."""
    waiting = list(StockHold.objects.filter(order=order, status__in=[Status.HELD, Status.RELEASED]))
    products = _lock_products(waiting)
    for one in waiting:
        product = products[one.product_id]
        if one.status == Status.HELD:
            product.held -= one.quantity
        elif product.available is not None and product.available < one.quantity:
            _end(one, Status.MISSING)
            continue
        if product.on_hand is not None:
            product.on_hand -= one.quantity
        _end(one, Status.TAKEN)
    _write(waiting, products)
    if any(one.status == Status.MISSING for one in waiting):
        tasks.make_tasks(
            Task.Kind.OUT_OF_STOCK,
            due_at=timezone.now(),
            of=[(order.customer_id, f"{order.public_id}:stock")],
        )
    return bool(waiting)


def _lock_products(held: Sequence[StockHold]) -> dict[int, Product]:
    """The products of some holds, locked. The caller has locked the order."""
    of_holds = Product.objects.filter(pk__in={one.product_id for one in held})
    return {one.pk: one for one in locks.rows(Rank.STOCK, of_holds)} if held else {}


def _end(held: StockHold, status: Status) -> None:
    held.status, held.ended_at = status, timezone.now()


def _write(held: Sequence[StockHold], products: dict[int, Product]) -> None:
    StockHold.objects.bulk_update(held, ["status", "ended_at", "held_until"])
    Product.objects.bulk_update(products.values(), ["on_hand", "held"])
