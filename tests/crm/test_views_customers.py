from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.ids import make_public_id
from crm import panels
from crm.models import ContactPoint, Customer, TimelineEntry
from crm.panels import Built, Slot
from crm.services import timeline
from tests.clients import signed_in
from tests.factories.core import agent, auditor
from tests.factories.crm import CustomerFactory, PhoneFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

pytestmark = pytest.mark.django_db

OWN_QUERIES = 6  # session, user, customer, contact points, latest, telephone


@pytest.fixture(autouse=True)
def _no_panels_of_others(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    cache.clear()
    monkeypatch.setattr(panels, "_panels", {slot: {} for slot in Slot})
    yield
    cache.clear()


def typed(**changes: str) -> dict[str, str]:
    return {
        "operation": make_public_id("cus"),
        "name": "Matti Virtanen",
        "phone": "040 123 4567",
        "email": "",
        "kind": "person",
        "business_id": "",
        "language": "fi",
        "preferred_channel": "",
        "note": "",
    } | changes


def test_the_page_shows_who_it_is_and_how_to_reach_them() -> None:
    customer = CustomerFactory.create(name="Åsa Lindqvist", phone="+358401234567")

    answer = signed_in(agent()).get(reverse("crm:customer", args=[customer.public_id]))

    text = answer.content.decode()
    assert "<h1>Åsa Lindqvist</h1>" in text
    assert "+358 40 1234567" in text


@pytest.mark.parametrize("tab", ["", "pay/", "orders/"])
def test_the_page_asks_the_same_few_questions_however_long_the_history(tab: str) -> None:
    customer = CustomerFactory.create(phone="+358401234567")
    for number in range(120):
        timeline.write(customer.pk, "customer.created", object_id=str(number))
    client = signed_in(agent())
    address = reverse("crm:customer", args=[customer.public_id]) + tab

    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(address)

    assert len(queries) <= OWN_QUERIES + (not tab)


def test_pay_comes_first_where_something_is_open() -> None:
    customer = CustomerFactory.create()
    panels.register(Slot.MAIN, lambda *_: Built("crm/panel_by_url.html", {"url": "/x"}, True), 1)

    text = signed_in(agent()).get(reverse("crm:customer", args=[customer.public_id])).content

    assert b'hx-get="/x"' in text


def test_history_comes_first_where_nothing_is_open() -> None:
    customer = CustomerFactory.create()
    panels.register(Slot.MAIN, lambda *_: Built("crm/panel_by_url.html", {"url": "/x"}), 1)
    timeline.write(customer.pk, "customer.created")

    text = signed_in(agent()).get(reverse("crm:customer", args=[customer.public_id])).content

    assert b'hx-get="/x"' not in text
    assert b"Customer added" in text


def test_panels_of_upper_apps_render_with_the_page_in_their_order() -> None:
    customer = CustomerFactory.create(name="Panel Person")

    def second(request: HttpRequest, customer: Customer | None) -> Built:
        return Built("components/say.html", {"text": f"second {customer}"})

    panels.register(Slot.RAIL, second, 2)
    panels.register(Slot.RAIL, lambda *_: Built("components/say.html", {"text": "first"}), 1)
    panels.register(Slot.RAIL, lambda *_: None, 3)

    text = signed_in(agent()).get(reverse("crm:customer", args=[customer.public_id]))

    body = text.content.decode()
    assert body.index("“first”") < body.index("“second Panel Person”")
    assert "Nothing is under way" not in body


def test_a_merged_customer_leads_to_the_one_it_became() -> None:
    successor = CustomerFactory.create()
    merged = CustomerFactory.create(merged_into=successor)

    answer = signed_in(agent()).get(reverse("crm:customer", args=[merged.public_id]))

    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("crm:customer", args=[successor.public_id])


@pytest.mark.parametrize("path", ["cus_nobody/", "cus_nobody/edit/", "cus_nobody/merge/"])
def test_who_is_not_there_is_not_found(path: str) -> None:
    assert signed_in(agent()).get(f"/customers/{path}").status_code in {403, 404}


def test_an_unknown_tab_is_not_found() -> None:
    customer = CustomerFactory.create()

    answer = signed_in(agent()).get(f"/customers/{customer.public_id}/secrets/")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()


def test_the_timeline_is_read_page_by_page() -> None:
    customer = CustomerFactory.create()
    for number in range(51):
        timeline.write(customer.pk, f"kind.{number}")
    client, address = signed_in(agent()), f"/customers/{customer.public_id}/timeline/"

    first = client.get(address).content.decode()
    second = client.get(f"{address}?page=2").content.decode()

    assert "kind.50" in first
    assert "kind.1 " not in first
    assert "?page=2" in first
    assert "kind.0" in second
    assert client.get(f"{address}?page=9999999999999").status_code == 200


def test_a_new_customer_is_written_down_with_the_ways_to_reach_them() -> None:
    answer = signed_in(agent()).post(reverse("crm:create-customer"), typed(note="Rings back"))

    customer = Customer.objects.get()
    assert answer.headers["Location"] == reverse("crm:customer", args=[customer.public_id])
    assert (customer.name, customer.note) == ("Matti Virtanen", "Rings back")
    assert ContactPoint.objects.get().value == "+358401234567"


def test_a_form_sent_twice_makes_one_customer() -> None:
    client, form = signed_in(agent()), typed()

    first = client.post(reverse("crm:create-customer"), form)
    second = client.post(reverse("crm:create-customer"), form)

    assert first.headers["Location"] == second.headers["Location"]
    assert Customer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_by_eight_clicks_at_once_makes_one_customer() -> None:
    client, form = signed_in(agent()), typed()

    def click() -> tuple[int, str]:
        browser = Client()
        browser.cookies = client.cookies
        try:
            answer = browser.post(reverse("crm:create-customer"), form)
        finally:
            connection.close()
        return answer.status_code, answer.headers.get("Location", "")

    with ThreadPoolExecutor(8) as clicks:
        answers = {future.result() for future in [clicks.submit(click) for _ in range(8)]}

    assert answers == {(302, reverse("crm:customer", args=[form["operation"]]))}
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("phone", "12", "not a telephone number"),
        ("email", "nobody", "not an e-mail address"),
        ("business_id", "123", "not a Finnish business ID"),
        ("phone", "4111 1111 1111 1111", "looks like a card number"),
        ("name", "", "This field is required"),
    ],
)
def test_what_is_refused_stays_typed_and_writes_nothing(
    field: str, value: str, sentence: str
) -> None:
    form = typed(email="matti@example.com") | {field: value}

    answer = signed_in(agent()).post(reverse("crm:create-customer"), form)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert 'aria-invalid="true"' in text
    assert form["email"] in text
    assert "4111 1111" not in text
    assert Customer.objects.count() == 0
    assert TimelineEntry.objects.count() == 0


def test_a_change_is_saved_and_leads_back() -> None:
    customer = CustomerFactory.create(name="Matti Virtanen")
    form = typed(name="Matti Virtanen-Niemi", language="sv", preferred_channel="sms")

    answer = signed_in(agent()).post(reverse("crm:edit-customer", args=[customer.public_id]), form)

    customer.refresh_from_db()
    assert answer.status_code == 302
    assert (customer.name, customer.language) == ("Matti Virtanen-Niemi", "sv")
    assert customer.preferred_channel == "sms"


def test_who_may_only_look_changes_nothing() -> None:
    customer = CustomerFactory.create(name="Matti Virtanen")
    point = PhoneFactory.create(customer=customer)
    client = signed_in(auditor())

    answers = [
        client.post(reverse("crm:create-customer"), typed()),
        client.post(reverse("crm:edit-customer", args=[customer.public_id]), typed(name="X")),
        client.post(reverse("crm:save-note", args=[customer.public_id]), {"note": "X"}),
        client.post(reverse("crm:remove-contact", args=[point.public_id])),
    ]

    customer.refresh_from_db()
    assert {answer.status_code for answer in answers} == {403}
    assert (customer.name, customer.note) == ("Matti Virtanen", "")
    assert Customer.objects.count() == ContactPoint.objects.count() == 1


def test_a_card_number_in_a_note_is_masked_and_the_agent_is_told() -> None:
    customer = CustomerFactory.create()
    client = signed_in(agent())

    answer = client.post(
        reverse("crm:save-note", args=[customer.public_id]),
        {"note": "card 4111 1111 1111 1111"},
        follow=True,
    )

    customer.refresh_from_db()
    assert "4111 1111" not in customer.note
    assert "was masked" in answer.content.decode()


def test_contact_points_are_added_chosen_and_removed() -> None:
    customer = CustomerFactory.create(phone="+358401234567")
    client = signed_in(agent())
    address = reverse("crm:add-contact", args=[customer.public_id])

    client.post(address, {"kind": "phone", "value": "050 765 4321", "label": "work"})
    added = customer.contact_points.get(value="+358507654321")
    client.post(reverse("crm:use-contact-first", args=[added.public_id]))
    old = customer.contact_points.get(value="+358401234567")
    client.post(reverse("crm:remove-contact", args=[old.public_id]))

    left = customer.contact_points.get()
    assert (left.value, left.label, left.is_primary) == ("+358507654321", "work", True)


def test_a_contact_point_that_cannot_be_read_stays_typed() -> None:
    customer = CustomerFactory.create()

    answer = signed_in(agent()).post(
        reverse("crm:add-contact", args=[customer.public_id]), {"kind": "email", "value": "nobody"}
    )

    assert answer.status_code == 422
    assert 'value="nobody"' in answer.content.decode()
    assert ContactPoint.objects.count() == 0


def test_the_desk_lists_who_the_agent_was_just_with() -> None:
    first = CustomerFactory.create(name="First Caller", phone="+358401234567")
    second = CustomerFactory.create(name="Second Caller")
    maija = agent()
    client = signed_in(maija)
    for customer in (first, second, first):
        client.get(reverse("crm:customer", args=[customer.public_id]))

    text = client.get(reverse("crm:desk")).content.decode()

    assert text.index("First Caller") < text.index("Second Caller")
    assert text.count("First Caller") == 1
    assert "First Caller" not in signed_in(agent()).get(reverse("crm:desk")).content.decode()
