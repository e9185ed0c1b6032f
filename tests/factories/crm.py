"""Customers with boring defaults. The keys by which they are found come with them."""

from __future__ import annotations

from typing import Any

import factory
from factory.django import DjangoModelFactory

from core import pan
from crm.models import ContactPoint, Customer, OutgoingMessage
from crm.search import keys
from crm.spelling import collation_key, surname_first


class CustomerFactory(DjangoModelFactory[Customer]):
    """A person who is found by name. Give `phone` or `email` for a main contact point."""

    class Meta:
        model = Customer
        skip_postgeneration_save = True

    name = "Aino Mäkinen"
    sort_key = factory.LazyAttribute(
        lambda customer: collation_key(surname_first(pan.mask(customer.name)))
    )
    language = Customer.Language.FINNISH

    @factory.post_generation
    def keys(customer: Customer, create: bool, extracted: Any, **_: Any) -> None:  # noqa: N805, FBT001
        del extracted
        if create:
            keys.write_all(keys.own_keys(customer))

    @factory.post_generation
    def phone(customer: Customer, create: bool, extracted: Any, **_: Any) -> None:  # noqa: N805, FBT001
        if create and extracted:
            PhoneFactory.create(customer=customer, value=extracted)

    @factory.post_generation
    def email(customer: Customer, create: bool, extracted: Any, **_: Any) -> None:  # noqa: N805, FBT001
        if create and extracted:
            EmailFactory.create(customer=customer, value=extracted)


class ContactPointFactory(DjangoModelFactory[ContactPoint]):
    class Meta:
        model = ContactPoint
        skip_postgeneration_save = True

    customer = factory.SubFactory(CustomerFactory)
    is_primary = True

    @factory.post_generation
    def key(point: ContactPoint, create: bool, extracted: Any, **_: Any) -> None:  # noqa: N805, FBT001
        del extracted
        if create:
            keys.write_all([keys.contact_key(point)])


class PhoneFactory(ContactPointFactory):
    kind = ContactPoint.Kind.PHONE
    value = "+358401234567"


class EmailFactory(ContactPointFactory):
    kind = ContactPoint.Kind.EMAIL
    value = "aino.makinen@example.com"


class OutgoingMessageFactory(DjangoModelFactory[OutgoingMessage]):
    """A text message that waits to be sent."""

    class Meta:
        model = OutgoingMessage

    cause = factory.Sequence(lambda number: f"cause_{number}")
    kind = "greeting"
    channel = "sms"
    destination = "+358401234567"
    customer = factory.SubFactory(CustomerFactory)
    language = Customer.Language.FINNISH
