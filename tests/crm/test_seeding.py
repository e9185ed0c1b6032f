from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import phonenumbers
import pytest
from stdnum.fi import ytunnus

from core import pan
from crm.models import ContactPoint, Customer, SearchKey
from crm.search import find_customers, keys
from crm.seeding import copy_customers, invent

TODAY = datetime(2026, 3, 1, tzinfo=UTC)


def test_the_same_seed_gives_the_same_people() -> None:
    first = list(invent(200, seed=7, today=TODAY))

    assert list(invent(200, seed=7, today=TODAY)) == first
    assert list(invent(200, seed=8, today=TODAY)) != first
    assert list(islice(invent(1_000, seed=7, today=TODAY), 200)) == first


def test_what_is_made_up_would_be_accepted_from_an_agent() -> None:
    for who in invent(500, seed=3, today=TODAY):
        assert all(phonenumbers.is_valid_number(phonenumbers.parse(p)) for p in who.phones)
        assert not who.business_id or ytunnus.is_valid(who.business_id)
        assert not any(map(pan.looks_like_card, (who.name, who.business_id, *who.phones)))


@pytest.mark.django_db
def test_copied_customers_are_found_like_those_that_agents_made() -> None:
    made = copy_customers(100, seed=5)

    assert Customer.objects.filter(pk__in=made).count() == 100
    customer = Customer.objects.get(pk=made[42])
    phone = ContactPoint.objects.get(customer=customer, kind="phone", is_primary=True)
    assert customer in [match.customer for match in find_customers(phone.value)]
    written = {
        (key.kind, key.key, key.label) for key in SearchKey.objects.filter(customer=customer)
    }
    points = customer.contact_points.all()
    expected = [*keys.own_keys(customer), *map(keys.contact_key, points)]
    assert written == {(key.kind, key.key, key.label) for key in expected}
