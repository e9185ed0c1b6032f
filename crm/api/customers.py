"""Customers over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from django.db.models import Prefetch
from rest_framework.response import Response

from core import policy
from core.api import Needs, NeedsToWrite, idempotent, made
from core.endpoints import Endpoint, ListEndpoint
from core.serializers import read, show
from crm.api import documented
from crm.api.serializers import CustomerChanges, CustomerInput, CustomerOutput
from crm.filters import CustomerFilter
from crm.models import ContactPoint, Customer
from crm.services import contact_points, customers
from crm.services.rows import get_customer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from core.models import ApiKey


def customers_in_full() -> QuerySet[Customer]:
    """Customers with all that is shown of them, in three statements."""
    contacts = Prefetch("contact_points", ContactPoint.objects.order_by("pk"))
    return Customer.objects.prefetch_related(contacts, "external_ids")


@documented.customers
class CustomersView(ListEndpoint[Customer]):
    """GET /api/v1/customers, and POST, which needs an Idempotency-Key."""

    permission_classes = [Needs(policy.VIEW_CUSTOMER), NeedsToWrite(policy.EDIT_CUSTOMER)]
    queryset = customers_in_full().filter(merged_into=None)
    serializer_class = CustomerOutput
    practice_mark = "is_practice"
    filterset_class = CustomerFilter

    def post(self, request: Request) -> Response:
        values = read(CustomerInput, request.data)
        with idempotent(request, "cus") as reservation:
            if not reservation.is_replay:
                customers.create_customer(
                    actor=cast("ApiKey", request.user), public_id=reservation.public_id, **values
                )
        return made(reservation, shown(reservation.public_id))


@documented.customer
class CustomerView(Endpoint):
    """GET and PATCH /api/v1/customers/<id>. An id that was merged away gives its successor."""

    permission_classes = [Needs(policy.VIEW_CUSTOMER), NeedsToWrite(policy.EDIT_CUSTOMER)]

    def get(self, request: Request, public_id: str) -> Response:
        del request
        return Response(shown(public_id))

    def patch(self, request: Request, public_id: str) -> Response:
        values = read(CustomerChanges, request.data)
        customer = get_customer(public_id)
        change(customer, values, actor=cast("ApiKey", request.user))
        return Response(shown(customer.public_id))


def shown(public_id: str) -> Mapping[str, Any]:
    """The customer of a public id, or its successor, as the API shows it."""
    pk = get_customer(public_id).pk
    return show(CustomerOutput, customers_in_full().get(pk=pk))


@transaction.atomic
def change(customer: Customer, values: Mapping[str, Any], *, actor: ApiKey) -> None:
    """Carry out a validated PATCH: all of it, or nothing."""
    details = dict(values)
    added = [("phone", value) for value in details.pop("phones", [])]
    added += [("email", value) for value in details.pop("emails", [])]
    external_ids = details.pop("external_ids", {})
    customers.update_customer(customer, actor=actor, **details)
    for kind, value in added:
        contact_points.add_contact_point(customer=customer, kind=kind, value=value, actor=actor)
    for source, value in external_ids.items():
        customers.set_external_id(customer=customer, source=source, value=value, actor=actor)
