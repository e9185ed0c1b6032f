"""Pieces that many want at once, each lock with its anti-test."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection

from core import locks
from orders.admin import ProductForm
from orders.errors import OutOfStock
from orders.models import StockHold
from orders.services import stock
from orders.services.allocate import record_payment
from orders.services.place import cancel_order
from tests.factories.core import UserFactory
from tests.orders.selling import counted, edited, invoiced, ordered, paid, status_of, stock_of
from tests.orders.threads import THREADS, race

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet

    from orders.models import Order, Product

pytestmark = pytest.mark.django_db(transaction=True)


def attempt(product: Product) -> str:
    try:
        ordered(product)
    except OutOfStock:
        return "out of stock"
    except IntegrityError:
        return "refused by the database"
    return "ordered"


def buy(product: Product) -> int:
    """Order one piece; answers the order's total."""
    return ordered(product).total


def test_the_last_pieces_go_to_as_many_as_there_are() -> None:
    product = counted(3)

    answers = race([partial(attempt, product) for _ in range(THREADS)])

    assert sorted(answers) == ["ordered"] * 3 + ["out of stock"] * (THREADS - 3)
    assert stock_of(product) == (3, 3)


def test_without_the_lock_orders_would_forget_each_others_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The anti-test: both count from what they read, and one piece is held for two."""
    product = counted(3)
    monkeypatch.setattr(locks, "rows", both_look(2))

    race([partial(attempt, product)] * 2)

    assert StockHold.objects.count() == 2
    assert stock_of(product) == (3, 1)


def both_look(hands: int) -> Callable[..., list[Any]]:
    """Read instead of locking, and go on only when everybody has read."""
    all_looked = Barrier(hands)

    def read(_rank: object, rows: QuerySet[Any]) -> list[Any]:
        found = list(rows)
        if found:
            all_looked.wait(10)
        return found

    return read


def test_two_sweeps_at_once_take_the_pieces_once() -> None:
    product = counted(10)
    orders = [ordered(product) for _ in range(4)]
    for order in orders:
        paid(order)

    race([stock.settle] * 4)

    assert stock_of(product) == (6, 0)
    assert {status_of(order) for order in orders} == {"taken"}


def test_without_the_orders_lock_two_sweeps_would_take_them_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The anti-test of the one above: the lock of the product alone does not help."""
    product = counted(10)
    order = ordered(product)
    paid(order)
    both_found = Barrier(2)
    lock_products = stock._lock_products

    def look(held: list[StockHold]) -> dict[int, Product]:
        both_found.wait(10)
        return lock_products(held)

    monkeypatch.setattr(locks, "one", lambda _rank, rows: rows.get())
    monkeypatch.setattr(stock, "_lock_products", look)
    errors = race([partial(outcome, stock._settle, order.pk)] * 2)

    # Taken twice, where the database does not stop the second by what is held.
    assert stock_of(product)[0] == 8 or "refused by the database" in errors


def outcome(act: Callable[[int], bool], order_id: int) -> str:
    try:
        act(order_id)
    except IntegrityError:
        return "refused by the database"
    return "done"


def test_time_and_new_orders_do_not_lose_a_piece() -> None:
    for _ in range(3):
        product = counted(5)
        order = ordered(product)
        invoiced(order)
        StockHold.objects.filter(order=order).update(
            held_until=order.created_at, created_at=order.created_at - stock.HELD_FOR
        )

        sweep, order_one = partial(stock.settle), partial(buy, product)
        race([sweep, order_one, sweep, order_one])

        assert stock_of(product) == (5, 2)
        assert status_of(order) == "released"


def test_money_that_comes_while_time_ends_a_hold_takes_the_pieces_all_the_same() -> None:
    for _ in range(3):
        product = counted(5)
        order = ordered(product)
        invoice = invoiced(order)
        StockHold.objects.filter(order=order).update(
            held_until=order.created_at, created_at=order.created_at - stock.HELD_FOR
        )
        pay = (invoice.pk, invoice.open_money)
        source = f"cap_{order.pk}"
        money = partial(record_payment, invoices=[pay], source_id=source, cause=source)

        race([partial(len_of, money), partial(stock.settle), partial(stock.settle)])
        stock.settle()

        assert stock_of(product) == (4, 0)
        assert status_of(order) == "taken"


def len_of(act: Callable[[], list[Any]]) -> int:
    return len(act())


def test_an_order_that_is_cancelled_while_it_is_swept_gives_back_once() -> None:
    for _ in range(3):
        product = counted(5)
        order = ordered(product, 2)
        StockHold.objects.filter(order=order).update(
            held_until=order.created_at, created_at=order.created_at - stock.HELD_FOR
        )
        cancel = partial(canceled, order)

        race([cancel, partial(stock.settle), cancel, partial(stock.settle)])

        assert stock_of(product) == (5, 0)
        assert status_of(order) == "released"


def canceled(order: Order) -> int:
    return cancel_order(order=order, actor=UserFactory.create()).pk


@contextmanager
def an_order_meanwhile(patch: pytest.MonkeyPatch, *, at_most_s: float) -> Iterator[None]:
    """Somebody orders a piece while the administration's page is being checked.

    The page goes on once that is done, or after some seconds. In the end the order is done.
    """
    seen_on_hand = ProductForm._seen_on_hand
    with ThreadPoolExecutor(1) as pool:

        def look(form: ProductForm) -> int | None:
            wait([pool.submit(buy_apart, form.instance)], timeout=at_most_s)
            return seen_on_hand(form)

        patch.setattr(ProductForm, "_seen_on_hand", look)
        yield


def buy_apart(product: Product) -> None:
    try:
        buy(product)
    finally:
        connection.close()


def test_an_order_waits_while_the_administration_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    product = counted(3)

    with an_order_meanwhile(monkeypatch, at_most_s=0.5):
        edited(product, on_hand=40)

    assert stock_of(product) == (40, 1)


def test_without_its_lock_the_administration_would_forget_what_is_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The anti-test: the page writes back what it had read before the order."""
    product = counted(3)
    monkeypatch.setattr(locks, "one", lambda _rank, rows: rows.get())

    with an_order_meanwhile(monkeypatch, at_most_s=20):
        edited(product, on_hand=40)

    assert StockHold.objects.count() == 1
    assert stock_of(product) == (40, 0)
