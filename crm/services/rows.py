"""Reading one customer's row safely: by the id the world knows, and under a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import locks
from core.errors import NotFound
from crm.models import Customer

if TYPE_CHECKING:
    from collections.abc import Iterable


_LOCK_BY_PUBLIC_ID = """
    SELECT id, public_id, kind, name, language, merged_into_id FROM crm_customer
     WHERE public_id = %s AND merged_into_id IS NULL
       FOR NO KEY UPDATE
"""


def get_customer(public_id: str) -> Customer:
    """The customer of a public id. An id that was merged away gives the one it became."""
    customer = Customer.objects.select_related("merged_into").filter(public_id=public_id).first()
    if customer is None:
        raise NotFound
    return customer.merged_into or customer


def locked_by_public_id(public_id: str) -> Customer:
    """The customer of a public id, or its successor, kept from changing until the commit.

    One statement for a customer who was not merged. Raises NotFound.
    """
    found = locks.fetch(locks.Rank.CUSTOMER, Customer, _LOCK_BY_PUBLIC_ID, [public_id])
    return found[0] if found else locked(get_customer(public_id).pk)


def locked(customer_id: int) -> Customer:
    """The customer as it is now, or its successor, kept from changing until the commit.

    Raises Customer.DoesNotExist.
    """
    successor = (
        Customer.objects.filter(pk=customer_id).values_list("merged_into", flat=True).first()
    )
    # A merge may commit between the reading and the lock; then the lock shows the successor.
    wanted = {customer_id} if successor is None else {customer_id, successor}
    rows = {row.pk: row for row in _lock(wanted)}
    if customer_id not in rows:
        raise Customer.DoesNotExist
    customer = rows[customer_id]
    if customer.merged_into_id is None:
        return customer
    return rows.get(customer.merged_into_id) or locked(customer.merged_into_id)


def _lock(customer_ids: Iterable[int]) -> list[Customer]:
    return locks.rows(locks.Rank.CUSTOMER, Customer.objects.filter(pk__in=customer_ids))
