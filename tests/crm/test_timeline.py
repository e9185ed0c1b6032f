from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.models import TimelineEntry
from crm.services import timeline
from tests.factories.core import ApiKeyFactory, agent
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sentences() -> Iterator[None]:
    """Registrations of a test end with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "_sentences", dict(timeline._sentences))
        yield


def test_the_newest_comes_first_and_pages_follow_without_gaps_or_repeats(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    customer, other, actor = CustomerFactory.create(), CustomerFactory.create(), agent()
    written = [timeline.write(customer.pk, f"kind-{n}", actor=actor) for n in range(7)]
    # Two of the same instant, as one transaction writes them.
    TimelineEntry.objects.filter(pk=written[3].pk).update(at=written[4].at)
    timeline.write(other.pk, "not-shown")

    with django_assert_num_queries(1):
        first = timeline.newest(customer.pk, limit=3)
        assert {entry.actor for entry in first} == {actor}
    second = timeline.newest(customer.pk, limit=10, before=first[-1])

    assert [entry.kind for entry in first + second] == [f"kind-{n}" for n in (6, 5, 4, 3, 2, 1, 0)]


def test_an_entry_reads_as_a_sentence_with_money_as_its_reader_writes_it() -> None:
    timeline.register("paid", _("Paid %(amount)s"))
    data = {"amount": 123450, "currency": "EUR"}
    entry = timeline.write(CustomerFactory.create().pk, "paid", data=data)

    with translation.override("en"):
        assert timeline.describe(entry) == "Paid €1,234.50"
    with translation.override("fi"):
        assert timeline.describe(entry).endswith("1\xa0234,50\xa0€")


def test_what_nobody_describes_is_shown_by_its_kind() -> None:
    timeline.register("named", "By %(name)s")
    customer = CustomerFactory.create()

    assert timeline.describe(timeline.write(customer.pk, "odd")) == "odd"
    assert timeline.describe(timeline.write(customer.pk, "named")) == "named"


def test_a_keys_entry_carries_the_name_of_the_keys_owner_and_a_jobs_none() -> None:
    key, customer = ApiKeyFactory.create(), CustomerFactory.create()

    assert timeline.write(customer.pk, "made", actor=key).actor == key.owner
    assert timeline.write(customer.pk, "made", actor="nightly").actor is None
