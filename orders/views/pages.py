"""The pages of one order and one invoice. They only show; nothing is changed here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from core.policy import Permission, needs
from orders import plan_lines
from orders.documents.invoice import invoice_pdf
from orders.models import Allocation, CreditNote, Invoice, Order

if TYPE_CHECKING:
    from crm.views.requests import AgentRequest


@needs(Permission.VIEW_ORDER)
@require_safe
def order_page(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show one order with its lines, its invoices, and what it holds of the stock."""
    rows = Order.objects.select_related("customer").prefetch_related(
        "lines", "invoices", "stock_holds__product"
    )
    order = get_object_or_404(rows, public_id=public_id)
    return render(request, "orders/order.html", {"order": order})


@needs(Permission.VIEW_ORDER)
@require_safe
def invoice_page(request: AgentRequest, public_id: str) -> HttpResponse:
    """Show one invoice with its lines, its tax, and what became of it."""
    rows = Invoice.objects.select_related("customer", "order").prefetch_related(
        "lines",
        "parts",
        Prefetch("credit_notes", CreditNote.objects.order_by("pk")),
        Prefetch("allocations", Allocation.objects.order_by("pk")),
    )
    invoice = get_object_or_404(rows, public_id=public_id)
    context = {"invoice": invoice, "plans": plan_lines.of_invoice(invoice.pk)}
    return render(request, "orders/invoice.html", context)


@needs(Permission.VIEW_ORDER)
@require_safe
def invoice_document(request: AgentRequest, public_id: str) -> HttpResponse:
    """Give the invoice on paper, in its customer's language."""
    del request
    rows = Invoice.objects.select_related("customer", "order").prefetch_related("lines", "parts")
    invoice = get_object_or_404(rows, public_id=public_id)
    headers = {"Content-Disposition": f'inline; filename="invoice-{invoice.number}.pdf"'}
    return HttpResponse(invoice_pdf(invoice), content_type="application/pdf", headers=headers)
