"""Orders and products over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch
from django.shortcuts import get_object_or_404
from rest_framework.response import Response

from core import policy
from core.api import Needs, NeedsToWrite, about, idempotent, made
from core.endpoints import Endpoint, ItemEndpoint, ListEndpoint
from core.serializers import read, show
from crm.services.rows import get_customer
from orders.api import documented
from orders.api.filters import OrderFilter, ProductFilter
from orders.api.new_lines import read_lines
from orders.api.serializers import CancelInput, OrderInput, OrderOutput, ProductOutput
from orders.models import Invoice, Order, Product, StockHold
from orders.services import place

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from core.models import ApiKey


def orders_in_full() -> QuerySet[Order]:
    """Orders with all that is shown of them, in three statements."""
    invoices = Invoice.objects.filter(order=OuterRef("pk")).order_by("pk")
    held = StockHold.objects.select_related("product").order_by("pk")
    return (
        Order.objects.select_related("customer")
        .annotate(invoice_ids=ArraySubquery(invoices.values("public_id")))
        .prefetch_related("lines", Prefetch("stock_holds", held))
    )


@documented.orders
class OrdersView(ListEndpoint[Order]):
    """GET /api/v1/orders, and POST, which needs an Idempotency-Key."""

    permission_classes = [Needs(policy.VIEW_ORDER), NeedsToWrite(policy.EDIT_ORDER)]
    queryset = orders_in_full()
    serializer_class = OrderOutput
    practice_mark = "customer__is_practice"
    filterset_class = OrderFilter

    def post(self, request: Request) -> Response:
        values = read(OrderInput, request.data)
        with idempotent(request, "ord") as reservation:
            if not reservation.is_replay:
                with about("customer"):
                    customer = get_customer(values["customer"])
                place.place_order(
                    customer=customer,
                    lines=read_lines(values["lines"], values["currency"]),
                    currency=values["currency"],
                    actor=cast("ApiKey", request.user),
                    public_id=reservation.public_id,
                )
        order = orders_in_full().get(public_id=reservation.public_id)
        return made(reservation, show(OrderOutput, order))


@documented.order
class OrderView(ItemEndpoint[Order]):
    """GET /api/v1/orders/<id>."""

    permission_classes = [Needs(policy.VIEW_ORDER)]
    queryset = orders_in_full()
    serializer_class = OrderOutput


@documented.cancel_order
class CancelOrderView(Endpoint):
    """POST /api/v1/orders/<id>/cancel. Safe to repeat; refused while money is on the order."""

    permission_classes = [Needs(policy.EDIT_ORDER)]

    def post(self, request: Request, public_id: str) -> Response:
        values = read(CancelInput, request.data)
        order = get_object_or_404(Order, public_id=public_id)
        place.cancel_order(order=order, actor=cast("ApiKey", request.user), **values)
        return Response(show(OrderOutput, orders_in_full().get(pk=order.pk)))


@documented.products
class ProductsView(ListEndpoint[Product]):
    """GET /api/v1/products."""

    permission_classes = [Needs(policy.VIEW_ORDER)]
    queryset = Product.objects.all()
    serializer_class = ProductOutput
    practice_mark = ""
    filterset_class = ProductFilter
