from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory

from orders.models import Allocation, CreditNote, Invoice, NumberSeries, Order, Product
from orders.services import stock
from tests.factories.core import UserFactory
from tests.orders.selling import counted, edited, ordered, paid, stock_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Allocation, CreditNote, Invoice, NumberSeries, Order])
def test_nobody_changes_money_in_the_admin(model: type) -> None:
    request = RequestFactory().get("/admin/")
    request.user = UserFactory.create(is_superuser=True, is_staff=True)
    table: admin.ModelAdmin[Any] = admin.site.get_model_admin(model)

    assert not table.has_add_permission(request)
    assert not table.has_change_permission(request)
    assert not table.has_delete_permission(request)
    assert table.has_view_permission(request)
    assert not table.show_full_result_count
    for inline in table.get_inline_instances(request):
        assert not inline.has_change_permission(request)


def test_products_are_edited_and_never_deleted() -> None:
    request = RequestFactory().get("/admin/")
    request.user = UserFactory.create(is_superuser=True, is_staff=True)
    table = admin.site.get_model_admin(Product)

    assert table.has_change_permission(request)
    assert not table.has_delete_permission(request)


def test_pieces_are_counted_in_the_admin_and_held_ones_stay_held() -> None:
    product = counted(3)
    ordered(product, 2)

    answer = edited(product, on_hand=40)

    assert answer.status_code == 302
    assert stock_of(product) == (40, 2)


@pytest.mark.parametrize("on_hand", ["1", "", "-1"])
def test_fewer_pieces_than_are_held_are_refused(on_hand: str) -> None:
    product = counted(3)
    ordered(product, 2)

    answer = edited(product, on_hand=on_hand)

    assert answer.status_code == 200
    assert "errorlist" in answer.text
    assert ("Orders hold 2 pieces of it." in answer.text) is (on_hand != "-1")
    assert stock_of(product) == (3, 2)


def test_a_page_that_is_old_does_not_bring_back_what_was_sold() -> None:
    product = counted(3)
    paid(ordered(product, 2))
    stock.settle()

    answer = edited(product, name="Router AX")

    assert answer.status_code == 302
    assert stock_of(product) == (1, 0)
    assert Product.objects.get(pk=product.pk).name == "Router AX"


def test_a_count_from_an_old_page_is_refused() -> None:
    product = counted(3)
    paid(ordered(product, 2))
    stock.settle()

    answer = edited(product, on_hand=13)

    assert "Meanwhile there are 1. Count again from there." in answer.text
    assert stock_of(product) == (1, 0)
