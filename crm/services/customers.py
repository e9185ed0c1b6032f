"""Making, changing and finding the row of a customer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone
from stdnum.exceptions import ValidationError as NumberError
from stdnum.fi import ytunnus

from core import audit, pan
from core.errors import InvalidInput
from core.ids import make_public_id
from crm.errors import (
    BusinessIdUnusable,
    ChoiceUnknown,
    ExternalIdTaken,
    ExternalIdUnusable,
    NameMissing,
)
from crm.models import Customer, ExternalId
from crm.models.customers import NAME_LENGTH, Channel
from crm.search import keys
from crm.services import contact_points, timeline
from crm.services.rows import locked
from crm.spelling import collation_key, surname_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crm.services.actors import Actor

SOURCE = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
EXTERNAL_ID_LENGTH = 120
CHOICES: dict[str, frozenset[str]] = {
    "kind": frozenset(Customer.Kind.values),
    "language": frozenset(Customer.Language.values),
    "preferred_channel": frozenset({"", *Channel.values}),
}


class CustomerDetails(TypedDict, total=False):
    """What may be said of a customer besides the name. Preferences are part of it."""

    kind: str
    business_id: str
    language: str
    note: str
    street: str
    postal_code: str
    town: str
    country: str
    preferred_channel: str
    preferred_method: str


class CustomerChanges(CustomerDetails, total=False):
    """What may be changed afterwards."""

    name: str


@transaction.atomic
def create_customer(
    *,
    name: str,
    actor: Actor,
    phones: Iterable[str] = (),
    emails: Iterable[str] = (),
    external_ids: Mapping[str, str] | None = None,
    public_id: str | None = None,
    **details: Unpack[CustomerDetails],
) -> Customer:
    """Write down a new customer, findable at once by all that is given.

    The first phone and the first e-mail become the main ones. Card numbers in the name or the
    note are masked; anywhere else they are refused. Raises InvalidInput and ExternalIdTaken.
    """
    customer = Customer(public_id=public_id or make_public_id("cus"))
    _take_over(customer, {"name": name, **details})
    customer.save(force_insert=True)
    points = contact_points.build(customer, phones, emails)
    externals = _add_external_ids(customer, external_ids or {})
    keys.write_all(
        [
            *keys.own_keys(customer),
            *map(keys.contact_key, points),
            *map(keys.external_key, externals),
        ]
    )
    timeline.write(customer.pk, "customer.created", actor=actor)
    audit.record(actor, "customer.created", customer, after=_auditable(customer))
    return customer


@transaction.atomic
def update_customer(
    customer: Customer, *, actor: Actor, **changes: Unpack[CustomerChanges]
) -> Customer:
    """Change what is given and nothing else. A merged customer's news goes to its successor.

    Safe to repeat: what is already so writes nothing.
    """
    current = locked(customer.pk)
    before = _auditable(current)
    old_keys = Customer(pk=current.pk, name=current.name, business_id=current.business_id)
    _take_over(current, changes)
    after = _auditable(current)
    if before == after:
        return current
    current.updated_at = timezone.now()
    current.save(update_fields=[*changes, "sort_key", "updated_at"])
    keys.erase_own(old_keys)
    keys.write_all(keys.own_keys(current))
    audit.record(actor, "customer.changed", current, before=before, after=after)
    return current


@transaction.atomic
def set_external_id(*, customer: Customer, source: str, value: str, actor: Actor) -> ExternalId:
    """Say what another system calls this customer. Safe to repeat. Raises ExternalIdTaken."""
    current = locked(customer.pk)
    known = ExternalId.objects.filter(source=source, value=value, customer=current).first()
    if known:
        return known
    (external,) = _add_external_ids(current, {source: value})
    keys.write_all([keys.external_key(external)])
    audit.record(actor, "customer.external_id_set", current, after={source: value})
    return external


def _take_over(customer: Customer, changes: Mapping[str, object]) -> None:
    """Put checked values on the row. Keys and order are made of the masked name only."""
    for field, value in changes.items():
        if field in CHOICES and value not in CHOICES[field]:
            raise ChoiceUnknown(field, value=pan.mask(str(value)))
        setattr(customer, field, value)
    customer.name = pan.mask(" ".join(customer.name.split()))
    customer.note = pan.mask(customer.note)
    if not customer.name:
        raise NameMissing
    if len(customer.name) > NAME_LENGTH:
        raise InvalidInput("name")
    customer.business_id = _business_id(customer.business_id)
    is_person = customer.kind == Customer.Kind.PERSON
    customer.sort_key = collation_key(surname_first(customer.name) if is_person else customer.name)


def _business_id(text: str) -> str:
    """A Finnish business ID as 1234567-1, its check digit verified, or nothing."""
    if not text.strip():
        return ""
    try:
        return ytunnus.format(ytunnus.validate(text))
    except NumberError as error:
        raise BusinessIdUnusable from error


def _add_external_ids(customer: Customer, external_ids: Mapping[str, str]) -> list[ExternalId]:
    for source, value in external_ids.items():
        if not SOURCE.fullmatch(source) or not 0 < len(value) <= EXTERNAL_ID_LENGTH:
            raise ExternalIdUnusable
    rows = [
        ExternalId(customer=customer, source=source, value=value)
        for source, value in external_ids.items()
    ]
    try:
        with transaction.atomic():
            return ExternalId.objects.bulk_create(rows)
    except IntegrityError as error:
        raise ExternalIdTaken(source=", ".join(external_ids)) from error


def _auditable(customer: Customer) -> dict[str, str]:
    return {field: str(getattr(customer, field)) for field in CustomerChanges.__annotations__}
