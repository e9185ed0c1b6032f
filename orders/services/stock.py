"""Stock that orders hold: kept while its customer may still pay, taken by money, or given back.

Placing an order holds its pieces. Money is never refused for them: a sweep finds what was paid,
what has run out and what may be paid again, and changes the holds of each order under its lock
and the locks of its products.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from core import audit, locks
from core.locks import Rank
from core.steps import safely
from crm.models import Task
from crm.services import tasks, timeline
from orders.errors import OutOfStock
from orders.models import Invoice, InvoiceHold, Order, Product, StockHold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from orders.lines import NewLine

    type Keeper = Callable[[Collection[int]], Iterable[tuple[int, Prospect]]]

JOB = "settle_stock"
HELD_FOR = timedelta(hours=1)
"""How long an order holds its pieces before anybody has agreed how it is paid."""
LOOKED_AT_AFTER = timedelta(minutes=15)
"""What keeps the pieces without an end of its own is told as lasting so much longer."""
LOOKED_BACK = timedelta(days=60)
"""So long after its pieces were given back an order may still get them."""
Status = StockHold.Status

_keepers: list[Keeper] = []


@dataclass(frozen=True, slots=True)
class Prospect:
    """How an order may be paid: until an instant, without an end, or that it is paid already."""

    until: datetime | None = None
    is_open_ended: bool = False
    is_paid: bool = False

    def __or__(self, other: Prospect) -> Prospect:
        """What is known of both."""
        ends = [one for one in (self.until, other.until) if one is not None]
        return Prospect(
            max(ends, default=None),
            self.is_open_ended or other.is_open_ended,
            self.is_paid or other.is_paid,
        )

    def is_hopeful(self, now: datetime) -> bool:
        """Whether somebody may still pay."""
        return self.is_open_ended or (self.until is not None and self.until > now)

    def end_of(self, held: StockHold, now: datetime) -> datetime:
        """When a hold ends, as far as is known now."""
        ends = [held.created_at + HELD_FOR, self.until or now]
        if self.is_open_ended:
            ends.append(held.held_until if held.held_until > now else now + LOOKED_AT_AFTER)
        return max(ends)


def register(keeper: Keeper) -> None:
    """Let another app say which of some orders (by pk) may be paid, and how."""
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
    products = locks.rows(Rank.STOCK, counted)
    for product in products:
        available = product.available or 0
        if wanted[product.pk] > available:
            raise OutOfStock(product=product.name, available=available)
        product.held += wanted[product.pk]
    Product.objects.bulk_update(products, ["held"])
    now = timezone.now()
    times = {"created_at": now, "held_until": now + HELD_FOR}
    StockHold.objects.bulk_create(
        StockHold(order=order, product=one, quantity=wanted[one.pk], **times) for one in products
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

    Safe to run twice, or beside another: each order is looked at again under its lock. Those
    that are paid come first, then the oldest. One that fails is told of and stops no other.
    """
    told = "the stock of an order was not settled"
    return sum(
        safely(partial(_settle, order), otherwise=False, told=told, order=order) for order in _due()
    )


def _due() -> list[int]:
    """Orders (by pk) whose holds are not as they should be, as far as is seen without locks."""
    now = timezone.now()
    is_there = Q(product__on_hand=None) | Q(
        product__on_hand__gte=F("product__held") + F("quantity")
    )
    looked_at = StockHold.objects.filter(Q(status=Status.HELD) | _given_back())
    holds = list(looked_at.annotate(is_there=is_there))
    prospects = _prospects({one.order_id for one in holds})
    due = {one.order_id for one in holds if _is_due(one, prospects[one.order_id], now)}
    return sorted(due, key=lambda order: (not prospects[order].is_paid, order))


def _is_due(one: StockHold, prospect: Prospect, now: datetime) -> bool:
    if prospect.is_paid:
        return True
    if one.status == Status.HELD:
        return one.held_until != prospect.end_of(one, now)
    return prospect.is_hopeful(now) and one.is_there  # type: ignore[attr-defined]


def _given_back() -> Q:
    since = timezone.now() - LOOKED_BACK
    canceled = Q(order__status=Order.Status.CANCELED)
    return Q(status=Status.RELEASED, ended_at__gt=since) & ~canceled


def _prospects(orders: Collection[int]) -> dict[int, Prospect]:
    """How each of some orders (by pk) may be paid; those of which nothing is known, too."""
    found: dict[int, Prospect] = defaultdict(Prospect)
    with_money = Invoice.objects.filter(order__in=orders, allocated__gt=0)
    for order, open_amount in with_money.values_list("order", "open_amount"):
        found[order] |= Prospect(is_open_ended=True, is_paid=not open_amount)
    arranged = InvoiceHold.objects.in_force().exclude(kind=InvoiceHold.Kind.DISPUTE)
    of_orders = arranged.filter(invoice__order__in=orders)
    for order in of_orders.values_list("invoice__order", flat=True):
        found[order] |= Prospect(is_open_ended=True)
    for keeper in _keepers:
        for order, prospect in keeper(orders):
            found[order] |= prospect
    return found


@transaction.atomic
def _settle(order_id: int) -> bool:
    """Make the holds of one order what they should be. Says whether anything changed."""
    order = locks.one(Rank.ORDER, Order.objects.filter(pk=order_id))
    now = timezone.now()
    is_canceled = order.status == Order.Status.CANCELED
    prospect = Prospect() if is_canceled else _prospects([order.pk])[order.pk]
    if prospect.is_paid:
        return _take(order)
    begun = prospect.is_hopeful(now) and _hold_again(order, prospect, now)
    held = list(StockHold.objects.filter(order=order, status=Status.HELD))
    ends_at = max((prospect.end_of(one, now) for one in held), default=now)
    if held and ends_at <= now:
        release(order)
        return True
    stale = StockHold.objects.filter(order=order, status=Status.HELD).exclude(held_until=ends_at)
    return bool(stale.update(held_until=ends_at)) or begun


def _hold_again(order: Order, prospect: Prospect, now: datetime) -> bool:
    """Hold what an order had given back, as far as there is enough of it."""
    given_back = list(StockHold.objects.filter(_given_back(), order=order))
    products = _lock_products(given_back)
    held = []
    for one in given_back:
        product = products[one.product_id]
        if product.available is not None and product.available >= one.quantity:
            product.held += one.quantity
            one.status, one.ended_at = Status.HELD, None
            one.held_until = prospect.end_of(one, now)
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
        _note_missing(order)
    return bool(waiting)


def _note_missing(order: Order) -> None:
    told = {"number": order.number}
    tasks.make_tasks(
        Task.Kind.OUT_OF_STOCK,
        due_at=timezone.now(),
        of=[(order.customer_id, f"{order.public_id}:stock")],
    )
    audit.record_all(JOB, "order.out_of_stock", [(order, told)])
    timeline.write(order.customer_id, "order.out_of_stock", object_id=order.public_id, data=told)


def _lock_products(held: Sequence[StockHold]) -> dict[int, Product]:
    """The products of some holds, locked. The caller has locked the order."""
    of_holds = Product.objects.filter(pk__in={one.product_id for one in held})
    return {one.pk: one for one in locks.rows(Rank.STOCK, of_holds)}


def _end(held: StockHold, status: Status) -> None:
    held.status, held.ended_at = status, timezone.now()


def _write(held: Sequence[StockHold], products: Mapping[int, Product]) -> None:
    StockHold.objects.bulk_update(held, ["status", "ended_at", "held_until"])
    Product.objects.bulk_update(products.values(), ["on_hand", "held"])
