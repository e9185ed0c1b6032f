"""The tables of what is owed."""

from orders.models.allocations import Allocation
from orders.models.credits import CreditNote, CreditNoteLine, CreditNotePart
from orders.models.invoices import Invoice, InvoiceLine, InvoicePart
from orders.models.orders import Order, OrderLine
from orders.models.plans import Instalment, InstalmentPlan
from orders.models.products import Product
from orders.models.promises import InvoiceHold, PromiseToPay
from orders.models.series import NumberSeries
from orders.models.stock import StockHold

__all__ = [
    "Allocation",
    "CreditNote",
    "CreditNoteLine",
    "CreditNotePart",
    "Instalment",
    "InstalmentPlan",
    "Invoice",
    "InvoiceHold",
    "InvoiceLine",
    "InvoicePart",
    "NumberSeries",
    "Order",
    "OrderLine",
    "Product",
    "PromiseToPay",
    "StockHold",
]
