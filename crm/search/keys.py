"""The keys by which customers are found, kept beside the rows that they come from.

Every write service calls these in its own transaction. All are safe to repeat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import pan
from crm.contact_values import phone_label
from crm.models import ContactPoint, SearchKey
from crm.search.terms import compact
from crm.spelling import fold, turned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.models import Customer, ExternalId

Kind = SearchKey.Kind
KEY_LENGTH = 254


def key_of(kind: str, text: str) -> str:
    """The form in which a text is kept and compared. Names keep their words."""
    if kind in (Kind.NAME, Kind.TURNED_NAME):
        return fold(pan.mask(text))[:KEY_LENGTH]
    if kind == Kind.EMAIL:
        return text.lower()[:KEY_LENGTH]
    code = compact(text)
    return (code.lstrip("0") or code if kind == Kind.REFERENCE else code)[:KEY_LENGTH]


def card_key(customer_id: int, last4: str) -> SearchKey:
    """The last digits of a card that paid for a customer."""
    return SearchKey(customer_id=customer_id, kind=Kind.LAST4, key=last4, label=last4)


def write_all(keys: Iterable[SearchKey]) -> None:
    """Many keys in one statement. A key that is already there gets the new label."""
    SearchKey.objects.bulk_create(
        [key for key in keys if key.key],
        update_conflicts=True,
        unique_fields=["customer", "kind", "key"],
        update_fields=["label"],
    )


def erase(customer_id: int, kind: str, key: str) -> None:
    """Stop finding a customer by a key."""
    SearchKey.objects.filter(customer_id=customer_id, kind=kind, key=key_of(kind, key)).delete()


def name_keys(customer: Customer) -> list[SearchKey]:
    """The folded name, and once more with each later word in front."""
    folded = key_of(Kind.NAME, customer.name)
    keys = [SearchKey(customer=customer, kind=Kind.NAME, key=folded)]
    return keys + [
        SearchKey(customer=customer, kind=Kind.TURNED_NAME, key=key)
        for key in dict.fromkeys(turned(folded))
    ]


def contact_key(point: ContactPoint) -> SearchKey:
    """A phone is kept as its digits and shown as its country writes it."""
    kind = Kind.PHONE if point.kind == ContactPoint.Kind.PHONE else Kind.EMAIL
    label = phone_label(point.value) if kind == Kind.PHONE else ""
    return SearchKey(
        customer_id=point.customer_id, kind=kind, key=key_of(kind, point.value), label=label
    )


def external_key(external: ExternalId) -> SearchKey:
    return SearchKey(
        customer_id=external.customer_id,
        kind=Kind.EXTERNAL,
        key=key_of(Kind.EXTERNAL, external.value),
        label=str(external),
    )


def business_id_keys(customer: Customer) -> list[SearchKey]:
    if not customer.business_id:
        return []
    key = key_of(Kind.BUSINESS_ID, customer.business_id)
    return [
        SearchKey(customer=customer, kind=Kind.BUSINESS_ID, key=key, label=customer.business_id)
    ]


def own_keys(customer: Customer) -> list[SearchKey]:
    """The keys that come from the customer's own row."""
    return [*name_keys(customer), *business_id_keys(customer)]


def erase_own(customer: Customer) -> None:
    """Forget the keys of the row as it was. Those that a merge brought from others stay."""
    for kind in (Kind.NAME, Kind.TURNED_NAME, Kind.BUSINESS_ID):
        old = [key.key for key in own_keys(customer) if key.kind == kind]
        SearchKey.objects.filter(customer=customer, kind=kind, key__in=old).delete()
