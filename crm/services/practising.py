"""Customers who are made up for practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm.models import Customer


def mark(customer: Customer) -> None:
    """Say that a customer, who has no money yet, is for practice. It is never taken back."""
    customer.is_practice = True
    customer.save(update_fields=["is_practice"])
