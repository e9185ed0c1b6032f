"""An order keeps its stock while its customer may still pay, and the rail says how long."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import timezone

from orders.services import stock
from orders.services.stock import Prospect
from payments.models import CheckoutSession, PaymentAttempt
from payments.models.events import Source
from payments.providers.base import SubjectKind
from payments.services import links, stock_keeping
from payments.services.apply import apply_snapshot
from tests.clients import signed_in
from tests.factories.core import agent
from tests.factories.orders import OrderFactory
from tests.factories.pay_links import paid_through, started
from tests.factories.payments import (
    CheckoutSessionFactory,
    PaymentIntentFactory,
    news,
    paid_snapshot,
)
from tests.orders.selling import counted, hold_of, invoiced, ordered, status_of, stock_of

if TYPE_CHECKING:
    from datetime import datetime

    from orders.models import Order, Product

pytestmark = pytest.mark.django_db

LATER = stock.HELD_FOR + timedelta(seconds=1)


def link_for(order: Order, *, is_invoiced: bool = True) -> CheckoutSession:
    """A link by which the customer pays an order, or its invoice."""
    own = {} if is_invoiced else {"order": order}
    intent = PaymentIntentFactory.create(customer=order.customer, amount=order.total, **own)
    if is_invoiced:
        intent.items.create(invoice=invoiced(order), amount=order.total)
    return CheckoutSessionFactory.create(intent=intent)


@pytest.fixture
def product() -> Product:
    return counted(3)


def after(wait: timedelta) -> datetime:
    return timezone.now() + wait


@pytest.mark.parametrize("is_invoiced", [True, False])
def test_an_open_link_keeps_the_goods_until_it_ends(product: Product, *, is_invoiced: bool) -> None:
    order = ordered(product)
    session = link_for(order, is_invoiced=is_invoiced)

    with time_machine.travel(after(LATER)):
        stock.settle()
        assert stock_of(product) == (3, 1)
        assert hold_of(order).held_until == session.expires_at
    with time_machine.travel(session.expires_at + timedelta(seconds=1)):
        links.expire_link(session_id=session.pk)
        stock.settle()

    assert (stock_of(product), status_of(order)) == ((3, 0), "released")


def test_a_payment_under_way_keeps_the_goods(product: Product) -> None:
    order = ordered(product)
    session = link_for(order)
    started(session)
    links.close_link(session_id=session.pk, actor=agent())

    with time_machine.travel(after(LATER)):
        stock.settle()

        assert stock_of(product) == (3, 1)
        assert (order.pk, Prospect(is_open_ended=True)) in stock_keeping.prospects_of([order.pk])


def test_a_link_that_pays_takes_the_goods(product: Product) -> None:
    order = ordered(product)
    paid_through(link_for(order))

    stock.settle()

    assert (stock_of(product), status_of(order)) == ((2, 0), "taken")


def test_a_link_that_is_closed_keeps_nothing_any_more(product: Product) -> None:
    order = ordered(product)
    session = link_for(order)
    assert stock.settle() == 1
    assert hold_of(order).held_until == session.expires_at

    with time_machine.travel(after(LATER)):
        links.close_link(session_id=session.pk, actor=agent())
        assert stock.settle() == 1

    assert (stock_of(product), status_of(order)) == ((3, 0), "released")


def test_an_order_that_is_paid_in_advance_takes_its_goods(product: Product) -> None:
    order = ordered(product)
    paid_through(link_for(order, is_invoiced=False))

    assert stock.settle() == 1

    assert (stock_of(product), status_of(order)) == ((2, 0), "taken")


def test_an_advance_keeps_the_goods_until_it_is_given_back(product: Product) -> None:
    order = ordered(product)
    session = link_for(order, is_invoiced=False)
    paid_through(session, 4_000)
    links.close_link(session_id=session.pk, actor=agent())

    with time_machine.travel(after(LATER)):
        stock.settle()
        assert (stock_of(product), status_of(order)) == ((3, 1), "held")
        refund_all(order)
        stock.settle()

    assert (stock_of(product), status_of(order)) == ((3, 0), "released")


def refund_all(order: Order) -> None:
    """Give back what an order was paid in advance, as its provider tells of it."""
    attempt = PaymentAttempt.objects.get(session__intent__order=order)
    back = news(SubjectKind.REFUND, "succeeded", 4_000, f"back-{attempt.public_id}")
    snapshot = replace(paid_snapshot(attempt, 4_000), refunds=(back,))
    apply_snapshot(account=attempt.account, snapshot=snapshot, source=Source.WEBHOOK)


def test_nothing_keeps_what_nobody_was_asked_for() -> None:
    assert list(stock_keeping.prospects_of([OrderFactory.create().pk])) == []


def test_a_later_link_holds_what_was_given_back_if_it_is_still_there(product: Product) -> None:
    order, other = ordered(product), ordered(product, 2)
    with time_machine.travel(after(LATER), tick=False):
        stock.settle()
        assert stock_of(product) == (3, 0)
        ordered(product)
        for late in (other, order):
            session = link_for(late)
        assert stock.settle() == 1

        assert stock_of(product) == (3, 2)
        assert hold_of(order).held_until == session.expires_at
        assert (status_of(order), status_of(other)) == ("held", "released")
        assert stock.settle() == 0


def clocks(order: Order) -> list[int]:
    page = signed_in(agent()).get(f"/customers/{order.customer.public_id}/pay/").text
    return [int(left) for left in re.findall(r'data-countdown="(\d+)"', page)]


@pytest.mark.parametrize("is_invoiced", [True, False])
def test_the_rail_counts_how_long_the_goods_are_held(
    product: Product, *, is_invoiced: bool
) -> None:
    order = ordered(product)
    session = link_for(order, is_invoiced=is_invoiced)
    hour = stock.HELD_FOR.total_seconds()

    works_for, held_for = clocks(order)
    assert works_for == pytest.approx(held_for, abs=2)
    CheckoutSession.objects.filter(pk=session.pk).update(expires_at=after(timedelta(minutes=5)))
    works_for, held_for = clocks(order)

    assert works_for == pytest.approx(300, abs=20)
    assert held_for == pytest.approx(hour, abs=60)


def test_the_rail_says_nothing_of_goods_that_nobody_holds() -> None:
    order = ordered(counted(None))
    link_for(order)

    assert len(clocks(order)) == 1
