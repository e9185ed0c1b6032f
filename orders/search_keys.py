"""The numbers by which a customer is found, written down for crm's search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm.models import SearchKey
from crm.search import keys
from orders.reference_numbers import print_reference

if TYPE_CHECKING:
    from orders.models import Invoice, Order

Kind = SearchKey.Kind


def write_order(order: Order) -> None:
    """Make the customer findable by the order's number."""
    keys.write_all(keys_of_order(order))


def write_invoice(invoice: Invoice) -> None:
    """Make the customer findable by the invoice's number and reference, in either form."""
    keys.write_all(keys_of_invoice(invoice))


def keys_of_order(order: Order) -> list[SearchKey]:
    return [_key(order.customer_id, Kind.ORDER, order.number)]


def keys_of_invoice(invoice: Invoice) -> list[SearchKey]:
    # Search looks an RF reference up by the national one inside, so one key serves both forms.
    label = print_reference(invoice.reference)
    return [
        _key(invoice.customer_id, Kind.INVOICE, invoice.number),
        _key(invoice.customer_id, Kind.REFERENCE, invoice.reference, label),
    ]


def _key(customer_id: int, kind: Kind, number: str, label: str = "") -> SearchKey:
    own = keys.key_of(kind, number)
    return SearchKey(customer_id=customer_id, kind=kind, key=own, label=label)
