"""The numbers and addresses by which customers are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from core import audit
from crm.contact_values import normalise_email, normalise_phone
from crm.models import ContactPoint, Customer
from crm.search import keys
from crm.services.rows import locked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crm.services.actors import Actor

Kind = ContactPoint.Kind


def normalise(kind: str, value: str) -> str:
    """The one form in which a value of this kind is kept. Raises InvalidInput."""
    return normalise_phone(value) if kind == Kind.PHONE else normalise_email(value)


def build(customer: Customer, phones: Iterable[str], emails: Iterable[str]) -> list[ContactPoint]:
    """Write the contact points of a customer who has none yet. Repeated values count once."""
    rows = []
    for kind, values in ((Kind.PHONE, phones), (Kind.EMAIL, emails)):
        unique = dict.fromkeys(normalise(kind, value) for value in values)
        rows += [
            ContactPoint(customer=customer, kind=kind, value=value, is_primary=at == 0)
            for at, value in enumerate(unique)
        ]
    return ContactPoint.objects.bulk_create(rows)


@transaction.atomic
def add_contact_point(
    *, customer: Customer, kind: str, value: str, actor: Actor, label: str = ""
) -> ContactPoint:
    """Add a phone or e-mail, the first of its kind as the main one. Safe to repeat."""
    owner = locked(customer.pk)
    own = list(owner.contact_points.filter(kind=kind))
    normalised = normalise(kind, value)
    for point in own:
        if point.value == normalised:
            return point
    point = ContactPoint.objects.create(
        customer=owner,
        kind=kind,
        value=normalised,
        label=label,
        is_primary=not any(other.is_primary for other in own),
    )
    keys.write_all([keys.contact_key(point)])
    audit.record(actor, "contact_point.added", point, after={"value": normalised})
    return point


@transaction.atomic
def remove_contact_point(*, point: ContactPoint, actor: Actor) -> None:
    """Forget a phone or e-mail. Another of its kind becomes the main one. Safe to repeat."""
    owner = locked(point.customer_id)
    present = owner.contact_points.filter(pk=point.pk).first()
    if present is None:
        return
    keys.erase(owner.pk, keys.contact_key(present).kind, present.value)
    audit.record(actor, "contact_point.removed", present, before={"value": present.value})
    present.delete()
    ensure_main(owner)


@transaction.atomic
def make_main(*, point: ContactPoint, actor: Actor) -> None:
    """Use this one of its kind first. Safe to repeat."""
    owner = locked(point.customer_id)
    if owner.contact_points.filter(pk=point.pk, is_primary=True).exists():
        return
    owner.contact_points.filter(kind=point.kind, is_primary=True).update(is_primary=False)
    owner.contact_points.filter(pk=point.pk).update(is_primary=True)
    audit.record(actor, "contact_point.made_main", point)


def ensure_main(customer: Customer) -> None:
    """Let the oldest of each kind be the main one where none is."""
    for kind in Kind.values:
        points = customer.contact_points.filter(kind=kind)
        if not points.filter(is_primary=True).exists():
            oldest = points.order_by("pk").values("pk")[:1]
            customer.contact_points.filter(pk__in=oldest).update(is_primary=True)
