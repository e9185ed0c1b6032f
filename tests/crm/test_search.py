from __future__ import annotations

import logging

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import CardNumberRefused
from crm.models import SearchKey
from crm.search import find_customers, keys
from crm.search.terms import NOTHING, plan
from crm.services.customers import create_customer
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory

pytestmark = pytest.mark.django_db


def make_findable(customer_id: int, kind: str, key: str, label: str = "") -> None:
    own = keys.key_of(kind, key)
    keys.write_all([SearchKey(customer_id=customer_id, kind=kind, key=own, label=label or key)])


def reasons(term: str) -> list[tuple[str, str, str]]:
    return [
        (match.customer.name, match.reason_kind, match.reason_label)
        for match in find_customers(term)
    ]


@pytest.mark.parametrize(
    "term",
    [
        "040 123 4567",
        "0401234567",
        "040-1234567",
        "(040) 123 4567",
        "+358401234567",
        "+358 40 123",
        "+358 (0)40 123 4567",
        "00358401234567",
        "358401234567",
        "401234567",
        "4012",
        "040",
        "4567",
        "1234567",
    ],
)
def test_a_phone_is_found_in_any_notation_by_its_beginning_and_by_its_end(term: str) -> None:
    CustomerFactory.create(phone="+358401234567")
    CustomerFactory.create(name="Somebody Else", phone="+358509999999")

    assert reasons(term) == [("Aino Mäkinen", "phone", "+358 40 1234567")]


@pytest.mark.parametrize("term", ["aino.mak", "Aino.Makinen@EXAMPLE.com", "aino.makinen@", "@exam"])
def test_an_email_is_found_by_its_beginning(term: str) -> None:
    CustomerFactory.create(name="Toinen Nimi", email="aino.makinen@example.com")

    expected = [] if term == "@exam" else [("Toinen Nimi", "email", "aino.makinen@example.com")]
    assert reasons(term) == expected


@pytest.mark.parametrize(
    "term",
    [
        "mäkinen",
        "makinen",
        "MÄKI",
        "aino",
        "mäk ain",
        "aino makinen",
        "ma",
        "äkine",
        "kinen",
    ],
)
def test_a_name_is_found_by_words_in_any_order_with_and_without_dots(term: str) -> None:
    CustomerFactory.create()
    CustomerFactory.create(name="Pekka Virtanen")

    assert reasons(term) == [("Aino Mäkinen", "name", "Aino Mäkinen")]


def test_names_that_begin_with_the_term_stand_before_those_that_hold_it() -> None:
    CustomerFactory.create(name="Ola Saarinen")
    CustomerFactory.create(name="Arina Laine")

    assert [row[0] for row in reasons("arin")] == ["Arina Laine", "Ola Saarinen"]


def test_both_words_must_match() -> None:
    CustomerFactory.create()

    assert reasons("aino virtanen") == []


@pytest.mark.parametrize(
    ("term", "kind", "label"),
    [
        ("2026000123", "invoice", "2026000123"),
        ("2026", "invoice", "2026000123"),
        ("A-1001", "order", "A-1001"),
        ("a1001", "order", "A-1001"),
        ("1234561", "reference", "1234561"),
        ("00000000000001234561", "reference", "1234561"),
        ("RF18 1234 561", "reference", "1234561"),
        ("4242", "last4", "•••• 4242"),
        ("K-77", "external", "webshop:K-77"),
        ("0112038-9", "business_id", "0112038-9"),
        ("01120389", "business_id", "0112038-9"),
    ],
)
def test_numbers_say_what_they_are(term: str, kind: str, label: str) -> None:
    customer = create_customer(
        name="Aino Oy",
        kind="company",
        business_id="01120389",
        external_ids={"webshop": "K-77"},
        actor=agent(),
    )
    make_findable(customer.pk, "invoice", "2026000123")
    make_findable(customer.pk, "order", "A-1001")
    make_findable(customer.pk, "reference", "1234561")
    make_findable(customer.pk, "last4", "4242", "•••• 4242")

    assert reasons(term) == [("Aino Oy", kind, label)]


def test_four_digits_show_every_kind_of_hit_and_not_only_phones() -> None:
    for number in range(30):
        CustomerFactory.create(name=f"Caller {number}", phone=f"+35840{number:03}4242")
    card = CustomerFactory.create(name="Card Holder")
    make_findable(card.pk, "last4", "4242")

    kinds = [match.reason_kind for match in find_customers("4242", limit=10)]

    assert len(kinds) == 10
    assert {"phone", "last4"} == set(kinds)


def test_a_customer_found_by_two_keys_is_shown_once() -> None:
    CustomerFactory.create(name="Virta Virtanen")

    assert reasons("virt") == [("Virta Virtanen", "name", "Virta Virtanen")]


@pytest.mark.parametrize("term", ["", " ", "a", "%", "_", "0", "04", "+", "\\", "@", "\x00", "--"])
def test_what_says_too_little_asks_nothing(term: str) -> None:
    CustomerFactory.create(phone="+358401234567")

    with CaptureQueriesContext(connection) as queries:
        assert find_customers(term) == []

    assert len(queries) == 0


@pytest.mark.parametrize("term", ["a%", "%%%", "a_b_c", "ai\\no", "o' or 1=1 --", "aino\x00"])
def test_signs_of_the_query_language_are_only_signs(term: str) -> None:
    CustomerFactory.create(name="Zoe Zander")

    assert reasons(term) == []


def test_two_statements_answer_whatever_is_found() -> None:
    for number in range(25):
        CustomerFactory.create(name=f"Virtanen {number}", phone=f"+3584012345{number:02}")

    for term in ("virtanen", "040123", "4501", "virt 1"):
        with CaptureQueriesContext(connection) as queries:
            found = find_customers(term)
            assert all(match.customer.main_phone for match in found)  # type: ignore[attr-defined]
        assert found
        assert len(queries) == 2


@pytest.mark.parametrize(
    "term", ["4111111111111111", "4111 1111 1111 1111", "aino 4111-1111-1111-1111"]
)
def test_a_card_number_is_refused_before_anything_is_asked(
    term: str, caplog: pytest.LogCaptureFixture
) -> None:
    CustomerFactory.create()

    with (
        caplog.at_level(logging.DEBUG),
        CaptureQueriesContext(connection) as queries,
        pytest.raises(CardNumberRefused),
    ):
        find_customers(term)

    assert not any("4111" in query["sql"] for query in queries if "searchkey" in query["sql"])
    assert "4111" not in caplog.text


def test_a_merged_customers_own_leftover_keys_lead_nowhere() -> None:
    customer = CustomerFactory.create(phone="+358401234567")
    successor = CustomerFactory.create(name="Successor")
    customer.merged_into = successor
    customer.save(update_fields=["merged_into"])

    assert reasons("0401234567") == []


def test_a_long_term_is_cut_and_asks_only_for_some_words() -> None:
    assert len(plan("a" * 5_000).probes[0].text) == 100
    assert len(plan("ab cd ef gh ij kl mn op").probes[0].words) == 5
    assert plan("") == NOTHING


def test_writing_a_key_again_gives_it_the_new_label() -> None:
    customer = CustomerFactory.create()
    make_findable(customer.pk, "last4", "4242", "Visa 4242")
    make_findable(customer.pk, "last4", "4242", "Visa •••• 4242")

    assert SearchKey.objects.get(kind="last4").label == "Visa •••• 4242"

    keys.erase(customer.pk, "last4", "4242")
    assert not SearchKey.objects.filter(kind="last4").exists()


@pytest.mark.parametrize(
    ("term", "index"),
    [
        ("0401234567", "searchkey_prefix"),
        ("1234567", "searchkey_phone_end"),
        ("aino@", "searchkey_prefix"),
        ("aino mäk", "searchkey_prefix"),
        ("äkine", "searchkey_"),
    ],
)
def test_every_search_can_be_answered_by_an_index(term: str, index: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        find_customers(term)

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        lines = [row[0] for row in cursor.fetchall()]
    assert any(index in line for line in lines)
    assert not any("Seq Scan" in line for line in lines)
