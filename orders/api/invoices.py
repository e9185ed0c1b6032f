"""Invoices over the API, on paper too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import get_object_or_404
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.response import Response

from core import policy
from core.api import Needs, NeedsToWrite, about, idempotent, made
from core.endpoints import Endpoint, ItemEndpoint, ListEndpoint
from core.errors import NotFound
from core.serializers import read, show
from crm.services.rows import get_customer
from orders.api import documented
from orders.api.filters import InvoiceFilter
from orders.api.new_lines import read_lines
from orders.api.serializers import InvoiceInput, InvoiceOutput
from orders.documents.invoice import invoice_pdf
from orders.lines import Draft
from orders.models import Invoice, Order
from orders.services import invoice as invoicing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from core.models import ApiKey


def invoices_in_full() -> QuerySet[Invoice]:
    """Invoices with all that is shown of them, in three statements."""
    rows = Invoice.objects.select_related("customer", "order")
    return rows.prefetch_related("lines", "parts")


@documented.invoices
class InvoicesView(ListEndpoint[Invoice]):
    """GET /api/v1/invoices, and POST, which needs an Idempotency-Key."""

    permission_classes = [Needs(policy.VIEW_ORDER), NeedsToWrite(policy.EDIT_ORDER)]
    queryset = invoices_in_full()
    serializer_class = InvoiceOutput
    practice_mark = "customer__is_practice"
    filterset_class = InvoiceFilter

    def post(self, request: Request) -> Response:
        values = read(InvoiceInput, request.data)
        with idempotent(request, "inv") as reservation:
            if not reservation.is_replay:
                actor = cast("ApiKey", request.user)
                issue(values, actor=actor, public_id=reservation.public_id)
        invoice = invoices_in_full().get(public_id=reservation.public_id)
        return made(reservation, show(InvoiceOutput, invoice))


def issue(values: Mapping[str, Any], *, actor: ApiKey, public_id: str) -> Invoice:
    """Issue what a validated request asks for: with an order behind it, or without."""
    if "order" in values:
        order = Order.objects.filter(public_id=values["order"]).first()
        if order is None:
            raise NotFound("order")
        return invoicing.issue_invoice(
            order=order,
            due_on=values["due_on"],
            actor=actor,
            description=values["description"],
            public_id=public_id,
        )
    lines = read_lines(values["lines"], values["currency"])
    with about("customer"):
        customer = get_customer(values["customer"])
    return invoicing.issue_invoice_without_order(
        customer=customer,
        draft=Draft(lines, values["currency"], values["description"]),
        due_on=values["due_on"],
        actor=actor,
        public_id=public_id,
    )


@documented.invoice
class InvoiceView(ItemEndpoint[Invoice]):
    """GET /api/v1/invoices/<id>."""

    permission_classes = [Needs(policy.VIEW_ORDER)]
    queryset = invoices_in_full()
    serializer_class = InvoiceOutput


class PdfRenderer(BaseRenderer):
    """Passes a PDF through. An error is still written as JSON."""

    media_type = "application/pdf"
    format = "pdf"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        del accepted_media_type, renderer_context
        return data if isinstance(data, bytes) else JSONRenderer().render(data)


@documented.invoice_pdf
class InvoicePdfView(Endpoint):
    """GET /api/v1/invoices/<id>/pdf, in the customer's language."""

    permission_classes = [Needs(policy.VIEW_ORDER)]
    renderer_classes = [PdfRenderer]

    def get(self, request: Request, public_id: str) -> Response:
        del request
        invoice = get_object_or_404(invoices_in_full(), public_id=public_id)
        name = f'inline; filename="invoice-{invoice.number}.pdf"'
        return Response(invoice_pdf(invoice), headers={"Content-Disposition": name})
