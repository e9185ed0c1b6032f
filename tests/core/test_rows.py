from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import rows
from core.errors import CardNumberRefused
from core.models import User
from crm.models import Customer, ExternalId, SearchKey, TimelineEntry
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentIntent,
    PaymentMethod,
    ProviderAccount,
)
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory
from tests.factories.payments import PaymentAttemptFactory, ProviderAccountFactory

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

CARD = "4242 4242 4242 4242"


def test_a_row_is_read_as_django_reads_it() -> None:
    account = ProviderAccountFactory.create()
    expected = ProviderAccount.objects.get(pk=account.pk)

    found = rows.read(ProviderAccount, "WHERE id = %s", [account.pk])

    assert found == [expected]
    for field in ProviderAccount._meta.concrete_fields:
        assert getattr(found[0], field.attname) == getattr(expected, field.attname)


def test_columns_that_were_left_out_are_read_when_they_are_needed() -> None:
    customer = CustomerFactory.create(name="Aino Laine")

    (found,) = rows.fetch(Customer, "SELECT id FROM crm_customer WHERE id = %s", [customer.pk])

    assert found.get_deferred_fields()
    assert found.name == "Aino Laine"


def test_what_is_inserted_has_its_key_and_its_defaults() -> None:
    customer = CustomerFactory.create()
    first = TimelineEntry(customer=customer, kind="note", data={"a": 1})
    second = TimelineEntry(customer=customer, kind="call")

    rows.insert(first, second)

    assert list(TimelineEntry.objects.filter(customer=customer).order_by("pk")) == [first, second]
    assert TimelineEntry.objects.get(pk=first.pk).data == {"a": 1}


def test_fields_keep_their_promises_whichever_way_a_row_is_written() -> None:
    customer = CustomerFactory.create()
    customer.note = f"said {CARD}"

    rows.write(changes=[(customer, ["note"])])
    with pytest.raises(CardNumberRefused):
        rows.insert(ExternalId(customer=customer, source="erp", value=CARD))

    customer.refresh_from_db()
    assert "4242 4242" not in customer.note
    assert not ExternalId.objects.exists()


def test_only_the_named_fields_are_written() -> None:
    user = UserFactory.create(first_name="Aino", last_name="Laine")
    user.first_name, user.last_name = "Eeva", "Virta"

    rows.write(changes=[(user, ["first_name"])])

    stored = User.objects.get(pk=user.pk)
    assert (stored.first_name, stored.last_name) == ("Eeva", "Laine")


def test_rows_of_several_models_are_written_by_one_statement() -> None:
    user, customer = UserFactory.create(), CustomerFactory.create()
    user.first_name, customer.name = "Eeva", "Eeva Virta"
    entries = [TimelineEntry(customer=customer, kind=kind) for kind in ("call", "note")]
    key = {"customer": customer, "kind": "last4", "key": "4242"}
    SearchKey.objects.create(**key, label="first")

    with CaptureQueriesContext(connection) as told:
        rows.write(
            new=entries,
            once=[SearchKey(**key, label="second"), SearchKey(**{**key, "key": "1881"})] * 2,
            changes=[(user, ["first_name"]), (customer, ["name"])],
        )

    assert len(told) == 1
    kinds = TimelineEntry.objects.filter(customer=customer).values_list("kind", flat=True)
    assert sorted(kinds) == ["call", "note"]
    labels = SearchKey.objects.filter(customer=customer, kind="last4").values_list("key", "label")
    assert sorted(labels) == [("1881", ""), ("4242", "first")]
    user.refresh_from_db()
    customer.refresh_from_db()
    assert (user.first_name, customer.name) == ("Eeva", "Eeva Virta")


def test_a_row_is_inserted_once() -> None:
    customer = CustomerFactory.create()
    key = {"customer": customer, "kind": "last4", "key": "4242"}

    first = rows.insert_once(SearchKey(**key, label="first"))
    again = rows.insert_once(SearchKey(**key, label="second"))

    assert (first, again) == (True, False)
    assert SearchKey.objects.get(**key).label == "first"


def test_a_foreign_key_is_followed_by_one_statement_for_all(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with_session, without = PaymentAttemptFactory.create(), PaymentAttemptFactory.create()
    PaymentAttempt.objects.filter(pk=without.pk).update(session=None)
    found = rows.read(PaymentAttempt, rows.BY_IDS, [[with_session.pk, without.pk]])

    with django_assert_num_queries(2):
        intents = rows.follow(found, "intent", PaymentIntent)
        rows.follow(found, "session", CheckoutSession)
        rows.follow(found, "saved_method", PaymentMethod)

    with django_assert_num_queries(0):
        assert [one.intent for one in found] == intents
        assert [one.session is None for one in found] == [False, True]


def test_tests_count_these_statements_too() -> None:
    with CaptureQueriesContext(connection) as told:
        rows.read(User, "WHERE id = %s", [1])

    assert len(told) == 1
