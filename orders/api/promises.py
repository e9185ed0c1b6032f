"""Promises to pay over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import get_object_or_404
from rest_framework.response import Response

from core import policy
from core.api import Needs, NeedsToWrite, about, idempotent, made
from core.endpoints import Endpoint, ItemEndpoint, ListEndpoint
from core.errors import NotFound
from core.money import Money
from core.serializers import Nothing, read, show
from crm.services.rows import get_customer
from orders.api import documented
from orders.api.filters import PromiseFilter
from orders.api.serializers import PromiseInput, PromiseOutput
from orders.models import Invoice, PromiseToPay
from orders.services import promises
from orders.services.promises import Promised

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from core.models import ApiKey


def promises_in_full() -> QuerySet[PromiseToPay]:
    """Promises with all that is shown of them, in two statements."""
    return PromiseToPay.objects.select_related("customer").prefetch_related("holds__invoice")


@documented.promises
class PromisesView(ListEndpoint[PromiseToPay]):
    """GET /api/v1/promises, and POST, which needs an Idempotency-Key."""

    permission_classes = [Needs(policy.VIEW_ORDER), NeedsToWrite(policy.ARRANGE_PAYMENT)]
    queryset = promises_in_full()
    serializer_class = PromiseOutput
    practice_mark = "customer__is_practice"
    filterset_class = PromiseFilter

    def post(self, request: Request) -> Response:
        values = read(PromiseInput, request.data)
        with idempotent(request, "ptp") as reservation:
            if not reservation.is_replay:
                promises.make_promise(
                    _promised(values),
                    actor=cast("ApiKey", request.user),
                    public_id=reservation.public_id,
                )
        promise = promises_in_full().get(public_id=reservation.public_id)
        return made(reservation, show(PromiseOutput, promise))


def _promised(values: Mapping[str, Any]) -> Promised:
    with about("customer"):
        customer = get_customer(values["customer"])
    amount = Money(values["amount"], values["currency"])
    return Promised(customer, invoice_pks(values["invoices"]), amount, values["due_on"])


def invoice_pks(public_ids: Sequence[str]) -> list[int]:
    """Find the invoices that a request names. Raises NotFound where one is missing."""
    found = Invoice.objects.filter(public_id__in=public_ids).values_list("pk", flat=True)
    if len(found) != len(set(public_ids)):
        raise NotFound("invoices")
    return list(found)


@documented.promise
class PromiseView(ItemEndpoint[PromiseToPay]):
    """GET /api/v1/promises/<id>."""

    permission_classes = [Needs(policy.VIEW_ORDER)]
    queryset = promises_in_full()
    serializer_class = PromiseOutput


@documented.withdraw_promise
class WithdrawPromiseView(Endpoint):
    """POST /api/v1/promises/<id>/withdraw. Safe to repeat; refused once it has ended."""

    permission_classes = [Needs(policy.ARRANGE_PAYMENT)]

    def post(self, request: Request, public_id: str) -> Response:
        read(Nothing, request.data)
        promise = get_object_or_404(PromiseToPay, public_id=public_id)
        promises.withdraw_promise(promise=promise, actor=cast("ApiKey", request.user))
        return Response(show(PromiseOutput, promises_in_full().get(pk=promise.pk)))
