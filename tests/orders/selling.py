"""Orders of a product whose pieces are counted."""

from __future__ import annotations

from typing import Any

from core.jobs import business_date
from orders.lines import NewLine
from orders.models import Invoice, Order, Product, StockHold
from orders.services.allocate import record_payment
from orders.services.invoice import issue_invoice
from orders.services.place import place_order
from tests.clients import signed_in
from tests.factories.core import UserFactory, admin
from tests.factories.crm import CustomerFactory
from tests.factories.orders import ProductFactory


def counted(on_hand: int | None = 3) -> Product:
    product: Product = ProductFactory.create(name="Router", unit_price=10_000, on_hand=on_hand)
    return product


def ordered(product: Product, quantity: int = 1) -> Order:
    return place_order(
        customer=CustomerFactory.create(),
        lines=[NewLine.of(product, quantity)],
        currency="EUR",
        actor=UserFactory.create(),
    )


def edited(product: Product, **changes: Any) -> Any:
    """Send the administration's page of a product as it was when the product was read."""
    seen = {"on_hand": product.on_hand, "initial-on_hand": product.on_hand}
    named = {"sku": product.sku, "name": product.name, "unit_price": product.unit_price}
    rest = {"currency": "EUR", "vat_bp": product.vat_bp, "is_active": "on"}
    address = f"/admin/orders/product/{product.pk}/change/"
    return signed_in(admin()).post(address, {**named, **seen, **rest, **changes})


def invoiced(order: Order) -> Invoice:
    return issue_invoice(order=order, due_on=business_date(), actor=UserFactory.create())


def paid(order: Order) -> None:
    invoice = invoiced(order)
    pay = (invoice.pk, invoice.open_money)
    record_payment(invoices=[pay], source_id=f"cap_{order.pk}", cause=f"cap_{order.pk}")


def stock_of(product: Product) -> tuple[int | None, int]:
    """What is there, and what of it is held."""
    return Product.objects.values_list("on_hand", "held").get(pk=product.pk)


def hold_of(order: Order) -> StockHold:
    """The one hold of an order."""
    return StockHold.objects.get(order=order)


def status_of(order: Order) -> str:
    """What became of it."""
    return hold_of(order).status
