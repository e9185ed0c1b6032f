"""Pieces that many want at once, each lock with its anti-test."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError

from core import locks
from orders.errors import OutOfStock
from orders.models import StockHold
from orders.services import stock
from tests.orders.selling import counted, invoiced, ordered, paid, status_of, stock_of
from tests.orders.threads import THREADS, race

if TYPE_CHECKING:
    from orders.models import Product

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
    """The anti-test: each would count from what it read, and more would be sold than there is."""
    product = counted(3)
    monkeypatch.setattr(locks, "rows", lambda _rank, rows: list(rows))

    race([partial(attempt, product) for _ in range(THREADS)])

    assert StockHold.objects.count() != stock_of(product)[1] or StockHold.objects.count() > 3


def test_two_sweeps_at_once_take_the_pieces_once() -> None:
    product = counted(10)
    orders = [ordered(product) for _ in range(4)]
    for order in orders:
        paid(order)

    race([stock.settle] * 4)

    assert stock_of(product) == (6, 0)
    assert {status_of(order) for order in orders} == {"taken"}


def test_money_and_time_do_not_both_end_a_hold() -> None:
    for _ in range(3):
        product = counted(5)
        order = ordered(product)
        invoiced(order)
        StockHold.objects.filter(order=order).update(held_until=order.created_at)

        sweep, order_one = partial(stock.settle), partial(buy, product)
        race([sweep, order_one, sweep, order_one])

        assert stock_of(product) == (5, 2)
        assert status_of(order) == "released"
