"""Stock: held by orders, taken by money, given back by time, and never sold twice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from core import steps
from core.jobs import business_date
from core.models import AuditEvent
from core.money import Money
from crm.models import Task, TimelineEntry
from crm.services import timeline
from orders import errors
from orders.lines import NewLine
from orders.models import Order, Product, StockHold
from orders.services import promises, stock
from orders.services.allocate import record_payment
from orders.services.place import cancel_order, place_order
from orders.services.promises import Promised
from payments.services.verifying import differences
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory
from tests.factories.orders import ProductFactory
from tests.orders.selling import counted, hold_of, invoiced, ordered, paid, status_of, stock_of

if TYPE_CHECKING:
    from collections.abc import Collection

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

    with time_machine.travel(timezone.now() + LATER, tick=False):
        assert stock.settle() == 1
        assert hold_of(order).held_until == timezone.now() + stock.LOOKED_AT_AFTER
        assert stock.settle() == 0
        promises.withdraw_promise(promise=promise, actor=UserFactory.create())
        assert stock.settle() == 1

    assert (stock_of(product), status_of(order)) == ((3, 0), "released")


def test_a_part_that_is_paid_keeps_the_pieces() -> None:
    product = counted(3)
    order = ordered(product)
    pay = (invoiced(order).pk, Money(4_000, "EUR"))
    record_payment(invoices=[pay], source_id="cap_part", cause="cap_part")

    with time_machine.travel(timezone.now() + LATER):
        stock.settle()

    assert (stock_of(product), status_of(order)) == ((3, 1), "held")


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
    entry = TimelineEntry.objects.get(kind="order.out_of_stock", customer=order.customer)
    assert timeline.describe(entry) == f"Order {order.number} is paid, but out of stock"
    assert AuditEvent.objects.filter(action="order.out_of_stock").count() == 1


def test_late_money_gets_the_last_piece_before_an_older_order_that_is_only_asked_for() -> None:
    product = counted(1)
    older = ordered(product)
    with time_machine.travel(timezone.now() + LATER):
        stock.settle()
        newer = ordered(product)
    with time_machine.travel(timezone.now() + LATER * 2):
        stock.settle()
        stock.register(hopes := partial(hoping_for, older))
        paid(newer)

        stock.settle()
        stock._keepers.remove(hopes)

    assert (status_of(newer), status_of(older)) == ("taken", "released")


def hoping_for(order: Order, _orders: Collection[int]) -> list[tuple[int, stock.Prospect]]:
    return [(order.pk, stock.Prospect(is_open_ended=True))]


def test_a_cancelled_order_is_not_held_again_whatever_could_still_be_paid() -> None:
    product = counted(3)
    order = ordered(product)
    stock.register(hopes := partial(hoping_for, order))
    cancel_order(order=order, actor=UserFactory.create())

    assert stock.settle() == 0
    assert not stock._settle(order.pk)
    stock._keepers.remove(hopes)

    assert (stock_of(product), status_of(order)) == ((3, 0), "released")


def test_what_nobody_counts_any_more_is_taken_all_the_same() -> None:
    product = counted(1)
    order = ordered(product)
    with time_machine.travel(timezone.now() + LATER):
        stock.settle()
        Product.objects.filter(pk=product.pk).update(on_hand=None)
        paid(order)
        stock.settle()

    assert (stock_of(product), status_of(order)) == ((None, 0), "taken")


@pytest.mark.django_db(transaction=True)
def test_an_order_that_fails_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    product = counted(3)
    broken, whole = ordered(product), ordered(product)
    paid(broken)
    paid(whole)
    take = stock._take

    def fails_once(order: Order) -> bool:
        if order == broken:
            raise RuntimeError("this order is broken")
        return take(order)

    monkeypatch.setattr(stock, "_take", fails_once)
    assert stock.settle() == 1
    assert (status_of(broken), status_of(whole)) == ("held", "taken")
    assert "was not settled" in caplog.text
    monkeypatch.undo()

    assert stock.settle() == 1
    assert status_of(broken) == "taken"


def test_money_that_comes_much_later_changes_nothing() -> None:
    product = counted(1)
    order = ordered(product)
    with time_machine.travel(timezone.now() + LATER):
        stock.settle()
    with time_machine.travel(timezone.now() + LATER + stock.LOOKED_BACK):
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


def test_a_connection_that_breaks_costs_one_order_not_the_whole_sweep(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    freed: list[bool] = []
    monkeypatch.setattr(steps, "close_old_connections", lambda: freed.append(True))
    product = counted(3)
    paid(ordered(product))

    def breaks(_order: Order) -> bool:
        raise OperationalError("the connection broke")

    monkeypatch.setattr(stock, "_take", breaks)

    assert stock.settle() == 0
    assert freed == [True]
    assert "was not settled" in caplog.text


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"quantity": 0}, "stock_hold_quantity"),
        ({"status": "taken"}, "stock_hold_ends_once"),
        ({"ended_at": timezone.now()}, "stock_hold_ends_once"),
    ],
)
def test_the_database_refuses_a_hold_that_cannot_be(change: dict[str, Any], rule: str) -> None:
    order = ordered(counted(3))

    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        StockHold.objects.filter(order=order).update(**change)


def test_the_database_refuses_two_holds_of_one_product_for_an_order() -> None:
    order = ordered(counted(3))
    hold = hold_of(order)
    hold.pk = None

    with pytest.raises(IntegrityError, match="stock_hold_once"), transaction.atomic():
        hold.save(force_insert=True)


def test_pieces_that_no_order_holds_are_found() -> None:
    product = counted(3)
    ordered(product)
    Product.objects.filter(pk=product.pk).update(held=2)

    assert list(differences()) == [f"product {product.sku}: holds 2 pieces, orders say 1"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_sweep_asks_as_little_of_many_orders_as_of_one(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(count):
        ordered(ProductFactory.create(on_hand=5))

    with django_assert_num_queries(8):
        assert stock.settle() == 0
