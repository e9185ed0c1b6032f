"""Stock: held by orders, taken by money, given back by time, and never sold twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.jobs import business_date
from core.money import Money
from crm.models import Task
from orders import errors
from orders.lines import NewLine
from orders.models import Order, Product, StockHold
from orders.services import promises, stock
from orders.services.place import cancel_order, place_order
from orders.services.promises import Promised
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory
from tests.factories.orders import ProductFactory
from tests.orders.selling import counted, hold_of, invoiced, ordered, paid, status_of, stock_of

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

LATER = stock.HELD_FOR + timedelta(seconds=1)


def test_an_order_holds_its_pieces() -> None:
    product = counted(3)

    order = ordered(product, 2)

    assert stock_of(product) == (3, 2)
    hold = hold_of(order)
    assert (hold.product, hold.quantity, hold.status) == (product, 2, "held")


def test_lines_of_one_product_are_held_together() -> None:
    product, other = counted(5), counted(5)
    lines = [NewLine.of(product, 2), NewLine.of(other), NewLine.of(product)]

    place_order(
        customer=CustomerFactory.create(), lines=lines, currency="EUR", actor=UserFactory.create()
    )

    assert (stock_of(product), stock_of(other)) == ((5, 3), (5, 1))


def test_more_than_there_is_is_refused_and_leaves_nothing_behind() -> None:
    product, other = counted(3), counted(3)
    ordered(product, 2)
    lines = [NewLine.of(other), NewLine.of(product), NewLine.of(product)]

    with pytest.raises(errors.OutOfStock) as refusal:
        place_order(
            customer=CustomerFactory.create(),
            lines=lines,
            currency="EUR",
            actor=UserFactory.create(),
        )

    assert refusal.value.params == {"product": "Router", "available": 1}
    assert (stock_of(product), stock_of(other)) == ((3, 2), (3, 0))
    assert Order.objects.count() == StockHold.objects.count() == 1


def test_what_nobody_counts_is_never_held() -> None:
    product = counted(None)

    order = ordered(product, 1_000)

    assert stock_of(product) == (None, 0)
    assert not StockHold.objects.filter(order=order).exists()


def test_a_line_without_a_product_holds_nothing() -> None:
    place_order(
        customer=CustomerFactory.create(),
        lines=[NewLine("Support visit", 1, 5_000, 2550)],
        currency="EUR",
        actor=UserFactory.create(),
    )

    assert not StockHold.objects.exists()


def test_what_is_paid_is_taken() -> None:
    product = counted(3)
    order = ordered(product, 2)
    paid(order)

    assert stock.settle() == 1

    assert stock_of(product) == (1, 0)
    assert status_of(order) == "taken"
    assert stock.settle() == 0


def test_what_is_not_paid_in_time_is_given_back() -> None:
    product = counted(3)
    order = ordered(product, 2)
    assert stock.settle() == 0
    assert stock_of(product) == (3, 2)

    with time_machine.travel(timezone.now() + LATER):
        assert stock.settle() == 1

    assert stock_of(product) == (3, 0)
    assert status_of(order) == "released"


def test_a_cancelled_order_gives_back_at_once() -> None:
    product = counted(3)
    order = ordered(product)
    invoiced(order)

    cancel_order(order=order, actor=UserFactory.create())
    cancel_order(order=order, actor=UserFactory.create())

    assert stock_of(product) == (3, 0)
    assert status_of(order) == "released"


def test_a_promise_keeps_the_pieces_until_it_ends() -> None:
    product = counted(3)
    order = ordered(product)
    invoice = invoiced(order)
    promised = Promised(
        customer=order.customer,
        invoice_ids=[invoice.pk],
        amount=Money(10_000, "EUR"),
        due_on=business_date(),
    )
    promise = promises.make_promise(promised, actor=UserFactory.create())

    with time_machine.travel(timezone.now() + LATER):
        stock.settle()
        assert stock_of(product) == (3, 1)
        promises.withdraw_promise(promise=promise, actor=UserFactory.create())
    with time_machine.travel(timezone.now() + LATER + stock.ARRANGED):
        stock.settle()

    assert stock_of(product) == (3, 0)


def test_late_money_still_gets_pieces_that_are_there() -> None:
    product = counted(3)
    order = ordered(product)
    with time_machine.travel(timezone.now() + LATER):
        stock.settle()
        paid(order)

        assert stock.settle() == 1

    assert stock_of(product) == (2, 0)
    assert status_of(order) == "taken"


def test_late_money_for_pieces_that_are_gone_becomes_somebodys_task_once() -> None:
    product = counted(1)
    order = ordered(product)
    with time_machine.travel(timezone.now() + LATER):
        stock.settle()
        ordered(product)
        paid(order)

        assert stock.settle() == 1
        assert stock.settle() == 0

    assert stock_of(product) == (1, 1)
    assert status_of(order) == "missing"
    task = Task.objects.get()
    assert (task.customer, task.kind) == (order.customer, Task.Kind.OUT_OF_STOCK)


def test_money_that_comes_much_later_changes_nothing() -> None:
    product = counted(1)
    order = ordered(product)
    with time_machine.travel(timezone.now() + LATER):
        stock.settle()
    with time_machine.travel(timezone.now() + LATER + stock.LATE_MONEY):
        paid(order)

        assert stock.settle() == 0

    assert (stock_of(product), status_of(order)) == ((1, 0), "released")


def test_the_database_refuses_more_holds_than_there_are_pieces() -> None:
    product = counted(3)

    for change in ({"held": 4}, {"on_hand": None, "held": 1}):
        with (
            pytest.raises(IntegrityError, match="product_holds_what_is_there"),
            transaction.atomic(),
        ):
            Product.objects.filter(pk=product.pk).update(**change)

    assert stock_of(product) == (3, 0)


def test_the_sweep_asks_little_where_nothing_is_due(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(3):
        ordered(ProductFactory.create(on_hand=5))

    with django_assert_num_queries(2):
        stock.settle()
