"""What orders shows on the customer's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.panels import Built
from crm.views.countless import page_of
from orders import balances
from orders.models import Invoice, Order

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.models import Customer

ORDERS_SHOWN = 20


def owed(request: HttpRequest, customer: Customer | None) -> Built | None:
    """Build what the customer owes now, and how much of it is late."""
    del request
    if customer is None:
        return None
    found = balances.of_customer(customer.pk)
    return Built("orders/owed_panel.html", {"balances": found}, is_open=bool(found))


def orders_and_invoices(request: HttpRequest, customer: Customer | None) -> Built | None:
    """Build the tab of invoices, newest first, and of orders that have none."""
    if customer is None:
        return None
    invoices = Invoice.objects.of_customer(customer.pk).order_by("-pk")
    page = page_of(invoices, request.GET.get("page", ""))
    orders = Order.objects.of_customer(customer.pk).filter(invoices=None)[:ORDERS_SHOWN]
    if not page.rows and not orders:
        return None
    return Built("orders/orders_panel.html", {"page": page, "orders": orders})
