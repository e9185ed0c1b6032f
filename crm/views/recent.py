"""The customers somebody was just with. A convenience: it may be forgotten at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from crm.models import Customer

if TYPE_CHECKING:
    from core.models import User

MOST = 10
SECONDS = 12 * 60 * 60


def remember(user: User, customer: Customer) -> None:
    """Put a customer at the head of the person's list."""
    ids = [public_id for public_id in _ids(user) if public_id != customer.public_id]
    cache.set(_key(user), [customer.public_id, *ids][:MOST], SECONDS)


def recent_customers(user: User) -> list[Customer]:
    """The latest customers of the person, the last one first, in one query."""
    ids = _ids(user)
    found = Customer.objects.current().with_main_contacts().in_bulk(ids, field_name="public_id")
    return [found[public_id] for public_id in ids if public_id in found]


def _ids(user: User) -> list[str]:
    return cache.get(_key(user)) or []


def _key(user: User) -> str:
    return f"recent-customers:{user.pk}"
