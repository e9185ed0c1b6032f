from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import RequestFactory

from orders.models import Allocation, CreditNote, Invoice, NumberSeries, Order, Product
from tests.factories.core import UserFactory

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
