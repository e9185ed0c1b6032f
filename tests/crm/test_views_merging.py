from __future__ import annotations

import pytest
from django.urls import reverse

from crm.models import CustomerMerge
from tests.clients import signed_in
from tests.factories.core import agent, senior_agent
from tests.factories.crm import CustomerFactory

pytestmark = pytest.mark.django_db


def test_those_with_the_same_name_are_offered_first() -> None:
    customer = CustomerFactory.create(name="Aino Lehtinen")
    twin = CustomerFactory.create(name="Aino Lehtinen")

    text = signed_in(senior_agent()).get(f"/customers/{customer.public_id}/merge/").content

    address = reverse("crm:merge-with", args=[customer.public_id, twin.public_id])
    assert address.encode() in text


def test_looking_at_two_customers_merges_nothing() -> None:
    customer, other = CustomerFactory.create(), CustomerFactory.create()

    answer = signed_in(senior_agent()).get(
        reverse("crm:merge-with", args=[customer.public_id, other.public_id])
    )

    assert answer.status_code == 200
    assert CustomerMerge.objects.count() == 0


def test_a_merge_is_confirmed_and_can_be_undone() -> None:
    customer, other = CustomerFactory.create(), CustomerFactory.create()
    client = signed_in(senior_agent())

    client.post(reverse("crm:merge-with", args=[customer.public_id, other.public_id]))
    other.refresh_from_db()
    assert other.merged_into == customer

    notes = client.get(f"/customers/{customer.public_id}/notes/").content.decode()
    undo = reverse("crm:undo-merge", args=[CustomerMerge.objects.get().public_id])
    assert undo in notes
    client.post(undo)
    other.refresh_from_db()
    assert other.merged_into is None


def test_a_customer_is_not_merged_with_itself() -> None:
    customer = CustomerFactory.create()

    answer = signed_in(senior_agent()).post(
        reverse("crm:merge-with", args=[customer.public_id, customer.public_id])
    )

    assert answer.status_code == 409
    assert "cannot be merged" in answer.content.decode()
    assert CustomerMerge.objects.count() == 0


def test_undoing_twice_is_refused_in_words() -> None:
    customer, other = CustomerFactory.create(), CustomerFactory.create()
    client = signed_in(senior_agent())
    client.post(reverse("crm:merge-with", args=[customer.public_id, other.public_id]))
    undo = reverse("crm:undo-merge", args=[CustomerMerge.objects.get().public_id])
    client.post(undo)

    answer = client.post(undo, follow=True)

    assert "already been undone" in answer.content.decode()


def test_an_agent_may_not_merge() -> None:
    customer, other = CustomerFactory.create(), CustomerFactory.create()

    answer = signed_in(agent()).post(
        reverse("crm:merge-with", args=[customer.public_id, other.public_id])
    )

    assert answer.status_code == 403
    assert CustomerMerge.objects.count() == 0
