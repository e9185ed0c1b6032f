from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.test import RequestFactory

from core.admin import EstimatedCountPaginator
from crm.models import Customer, CustomerMerge, OutgoingMessage, TimelineEntry
from tests.clients import signed_in
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory, OutgoingMessageFactory

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Customer, CustomerMerge, OutgoingMessage, TimelineEntry])
def test_nobody_changes_customers_in_the_admin(model: type) -> None:
    request = RequestFactory().get("/admin/")
    request.user = UserFactory.create(is_superuser=True, is_staff=True)
    table: admin.ModelAdmin[Any] = admin.site.get_model_admin(model)

    assert not table.has_add_permission(request)
    assert not table.has_change_permission(request)
    assert not table.has_delete_permission(request)
    assert not table.show_full_result_count
    for inline in table.get_inline_instances(request):
        assert not inline.has_add_permission(request, None)
        assert not inline.has_change_permission(request, None)


@pytest.mark.parametrize("term", ["makinen", "040 123 4567", "{public_id}"])
def test_the_admin_finds_customers_as_the_desk_does(term: str) -> None:
    customer = CustomerFactory.create(phone="+358401234567")
    CustomerFactory.create(name="Pekka Virtanen")
    table = admin.site.get_model_admin(Customer)
    request = RequestFactory().get("/admin/")

    found, has_duplicates = table.get_search_results(
        request, Customer.objects.all(), term.format(public_id=customer.public_id)
    )

    assert list(found) == [customer]
    assert not has_duplicates


def test_counts_are_exact_as_long_as_that_is_cheap(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    CustomerFactory.create_batch(4)

    assert EstimatedCountPaginator(Customer.objects.order_by("pk"), 2).count == 4

    persons = Customer.objects.filter(kind="person").order_by("pk")
    monkeypatch.setattr("core.admin.tables.EXACT_UP_TO", 2)
    with django_assert_num_queries(2):
        # The table was never analysed, so it is known to have more than two rows and no more.
        assert EstimatedCountPaginator(Customer.objects.order_by("pk"), 2).count == 3
    assert EstimatedCountPaginator(persons, 2).count == 2


def test_messages_are_listed_with_a_fixed_number_of_statements(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    OutgoingMessageFactory.create_batch(8)

    administrator = signed_in(UserFactory.create(is_superuser=True, is_staff=True, role="admin"))

    with django_assert_max_num_queries(8):
        page = administrator.get("/admin/crm/outgoingmessage/")

    assert page.status_code == 200
    assert page.content.decode().count("msg_") >= 8
