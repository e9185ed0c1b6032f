"""What orders shows on the customer's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.panels import Built
from crm.views.countless import page_of
from orders import balances
from orders.models import Invoice, Order, PromiseToPay

if TYPE_CHECKING:
    from django.http import HttpRequest

    from crm.models import Customer

ORDERS_SHOWN = 20
PROMISES_SHOWN = 3


def owed(request: HttpRequest, customer: Customer | None) -> Built | None:
    """Build what the customer owes now, and how much of it is late."""
    del request
    if customer is None:
        return None
    found = balances.of_customer(customer.pk)
    return Built("orders/owed_panel.html", {"balances": found}, is_open=bool(found))


def promises(request: HttpRequest, customer: Customer | None) -> Built | None:
    """Build the promise that is open, and one that was broken while its invoices still are."""
    del request
    if customer is None:
        return None
    shown = PromiseToPay.objects.owing().filter(customer=customer, kept_at=None, withdrawn_at=None)
    found = list(shown.order_by("due_on", "pk")[:PROMISES_SHOWN])
    return Built("orders/promises_panel.html", {"promises": found}) if found else None


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
