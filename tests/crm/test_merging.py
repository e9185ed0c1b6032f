from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.forms.models import model_to_dict

from core.models import AuditEvent
from crm.errors import LaterMergeExists, MergeAlreadyUndone, MergeRefused
from crm.models import (
    ContactPoint,
    Customer,
    CustomerMerge,
    SearchKey,
    TimelineEntry,
)
from crm.search import find_customers
from crm.services import consents, contact_points, merging
from crm.services.customers import create_customer, update_customer
from crm.services.rows import get_customer, locked
from tests.factories.core import agent, senior_agent
from tests.factories.crm import CustomerFactory, OutgoingMessageFactory

if TYPE_CHECKING:
    from core.models import User

pytestmark = pytest.mark.django_db

SHARED = "+358401111111"


def pair(actor: User) -> tuple[Customer, Customer]:
    """Two rows of one person who share a number, each with something of its own."""
    source = create_customer(
        name="Liisa Korhonen",
        phones=[SHARED, "+358402222222"],
        emails=["liisa@example.com"],
        external_ids={"webshop": "1"},
        actor=actor,
    )
    target = create_customer(
        name="Elisabet Korhonen", phones=[SHARED], external_ids={"billing": "9"}, actor=actor
    )
    consents.record_consent(
        customer=source, purpose="recording", is_given=True, evidence="call", actor=actor
    )
    OutgoingMessageFactory.create(customer=source)
    return source, target


def rows_of_customers() -> dict[str, Any]:
    """Every row that belongs to a customer, but for the traces that merging leaves on purpose."""
    found: dict[str, Any] = {}
    for pointer in merging.registered():
        rows = pointer.model._default_manager.order_by("pk")
        if pointer.model is TimelineEntry:
            rows = rows.exclude(kind__in=["customer.merged", "customer.unmerged"])
        found[pointer.name] = [model_to_dict(row) for row in rows]
    return found


def test_all_that_was_the_sources_is_the_targets() -> None:
    actor = senior_agent()
    source, target = pair(actor)

    merge = merging.merge_customers(source=source, target=target, actor=actor)

    assert get_customer(source.public_id) == target
    numbers = target.contact_points.filter(kind="phone").values_list("value", flat=True)
    assert sorted(numbers) == [SHARED, "+358402222222"]
    assert target.contact_points.filter(kind="phone", is_primary=True).count() == 1
    assert target.external_ids.count() == 2
    assert target.consents.count() == 1
    assert target.messages.count() == 1
    assert merge.merged_by == actor
    assert AuditEvent.objects.filter(action="customer.merged").count() == 1


def test_undoing_a_merge_restores_every_row_exactly() -> None:
    actor = senior_agent()
    source, target = pair(actor)
    before = rows_of_customers()

    merge = merging.merge_customers(source=source, target=target, actor=actor)
    merging.unmerge_customers(merge, actor)

    assert rows_of_customers() == before
    merge.refresh_from_db()
    assert merge.undone_by == actor


def test_what_came_after_the_merge_stays_with_the_target() -> None:
    actor = senior_agent()
    source, target = pair(actor)
    merge = merging.merge_customers(source=source, target=target, actor=actor)
    later = contact_points.add_contact_point(
        customer=source, kind="phone", value="+358403333333", actor=actor
    )

    merging.unmerge_customers(merge, actor)

    later.refresh_from_db()
    assert later.customer == target
    assert source.contact_points.count() == 3


def test_a_merged_customer_is_found_by_both_names_until_it_is_undone() -> None:
    actor = senior_agent()
    source, target = pair(actor)

    merge = merging.merge_customers(source=source, target=target, actor=actor)
    by_old_name = find_customers("liisa korh")
    merging.unmerge_customers(merge, actor)

    assert [(m.customer, m.reason_label) for m in by_old_name] == [(target, "Liisa Korhonen")]
    assert [match.customer for match in find_customers("liisa korh")] == [source]
    assert [match.customer for match in find_customers("elisabet")] == [target]


def test_a_renamed_target_keeps_its_name_when_the_merge_is_undone() -> None:
    actor = senior_agent()
    source, target = pair(actor)
    merge = merging.merge_customers(source=source, target=target, actor=actor)
    update_customer(target, name="Liisa Korhonen", actor=actor)

    merging.unmerge_customers(merge, actor)

    found = {match.customer for match in find_customers("liisa korhonen")}
    assert found == {source, target}


def test_a_later_merge_must_be_undone_first() -> None:
    actor = senior_agent()
    first, second = pair(actor)
    third = CustomerFactory.create()
    before = rows_of_customers()
    early = merging.merge_customers(source=first, target=second, actor=actor)
    late = merging.merge_customers(source=second, target=third, actor=actor)
    assert get_customer(first.public_id) == third
    during = rows_of_customers()

    with pytest.raises(LaterMergeExists):
        merging.unmerge_customers(early, actor)

    assert rows_of_customers() == during
    merging.unmerge_customers(late, actor)
    merging.unmerge_customers(early, actor)
    assert rows_of_customers() == before


def test_of_two_merges_into_one_target_the_later_is_undone_first() -> None:
    actor = senior_agent()
    first, target = pair(actor)
    second = create_customer(name="L. Korhonen", phones=["+358402222222"], actor=actor)
    before = rows_of_customers()
    early = merging.merge_customers(source=first, target=target, actor=actor)
    late = merging.merge_customers(source=second, target=target, actor=actor)

    with pytest.raises(LaterMergeExists):
        merging.unmerge_customers(early, actor)

    merging.unmerge_customers(late, actor)
    merging.unmerge_customers(early, actor)
    assert rows_of_customers() == before


def test_a_merge_is_undone_once() -> None:
    actor = senior_agent()
    source, target = pair(actor)
    merge = merging.merge_customers(source=source, target=target, actor=actor)
    merging.unmerge_customers(merge, actor)
    before = rows_of_customers()

    with pytest.raises(MergeAlreadyUndone):
        merging.unmerge_customers(merge, actor)

    assert rows_of_customers() == before


def test_nobody_is_merged_into_themselves_or_twice() -> None:
    actor = senior_agent()
    source, target = pair(actor)
    other = CustomerFactory.create()
    merging.merge_customers(source=source, target=target, actor=actor)

    for one, another in ((target, target), (source, other), (other, source)):
        with pytest.raises(MergeRefused):
            merging.merge_customers(source=one, target=another, actor=actor)

    assert CustomerMerge.objects.count() == 1
    assert ContactPoint.objects.filter(customer=other).count() == 0


def test_news_for_a_merged_customer_goes_to_the_successor() -> None:
    actor = senior_agent()
    source, target = pair(actor)
    merging.merge_customers(source=source, target=target, actor=actor)

    update_customer(source, note="calls in the evening", actor=agent())

    target.refresh_from_db()
    source.refresh_from_db()
    assert (target.note, source.note) == ("calls in the evening", "")


def test_locking_follows_the_merge() -> None:
    actor = senior_agent()
    source, target = pair(actor)
    merging.merge_customers(source=source, target=target, actor=actor)

    assert locked(source.pk) == target
    with pytest.raises(Customer.DoesNotExist):
        locked(0)


def test_every_foreign_key_to_a_customer_follows_a_merge() -> None:
    """A table that is not registered would lose its rows to a merged customer."""
    kept_where_they_are = {
        "crm.CustomerMerge.source",
        "crm.CustomerMerge.target",
        "training.LessonRun.customer",  # Who is made up for practice is merged with nobody.
    }
    pointing = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is Customer
    }

    assert pointing - kept_where_they_are == {pointer.name for pointer in merging.registered()}


def test_functions_of_upper_apps_hear_of_a_merge_and_its_undoing() -> None:
    actor = senior_agent()
    source, target = pair(actor)
    heard: list[bool] = []
    merging.on_change.append(lambda merge: heard.append(merge.undone_at is None))
    try:
        merge = merging.merge_customers(source=source, target=target, actor=actor)
        merging.unmerge_customers(merge, actor)
    finally:
        merging.on_change.pop()

    assert heard == [True, False]


def test_search_keys_of_a_merged_pair_are_not_lost_or_doubled() -> None:
    actor = senior_agent()
    source, target = pair(actor)
    count = SearchKey.objects.count()

    merging.merge_customers(source=source, target=target, actor=actor)

    assert SearchKey.objects.count() == count
    assert [match.customer for match in find_customers("0401111111")] == [target]
