"""Other ways to settle what is ticked, through the browser's door."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from core.ids import make_public_id
from core.jobs import business_date
from core.models import AuditEvent
from crm.models import OutgoingMessage, TimelineEntry
from crm.services import messages
from orders.models import InvoiceHold, PromiseToPay
from payments.models import PaymentIntent
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories.desk import EMAIL, HTMX, PHONE, Desk
from tests.factories.orders import InvoiceFactory
from tests.orders.threads import race

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

IN_A_WEEK = (business_date() + dt.timedelta(days=7)).isoformat()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def path_of(desk: Desk, way: str) -> str:
    return f"/customers/{desk.customer.public_id}/pay/{way}/"


def fields(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {
        "operation": make_public_id("op"),
        "currency": "EUR",
        "items": [desk.fibre.public_id, desk.router.public_id],
        "amount": "€184.90",
        "due_on": IN_A_WEEK,
        **changes,
    }


def promise(desk: Desk, **changes: Any) -> Any:
    return desk.client.post(path_of(desk, "promise/make"), fields(desk, **changes), headers=HTMX)


def nothing_is_written() -> bool:
    return not any(
        model.objects.exists()
        for model in (PromiseToPay, InvoiceHold, OutgoingMessage, TimelineEntry, PaymentIntent)
    )


# Asking


def test_the_form_comes_filled_with_what_is_ticked(desk: Desk) -> None:
    data = {**desk.fields(items=[desk.router.public_id], amount="€105.00", shown="€105.00")}

    page = desk.client.post(path_of(desk, "promise"), data, headers=HTMX).content.decode()

    assert 'value="€105.00"' in page
    assert f'value="{IN_A_WEEK}"' in page
    assert page.count('name="items"') == 1
    assert "Confirm by SMS to +358 40 ··· 4567" in page
    assert nothing_is_written()


def test_without_scripts_the_link_opens_a_page_about_all_that_is_open(desk: Desk) -> None:
    page = desk.client.get(path_of(desk, "promise")).content.decode()

    assert "<html" in page
    assert page.count('name="items"') == 2
    assert 'value="€184.90"' in page


def test_with_nothing_ticked_it_says_what_to_do(desk: Desk) -> None:
    data = desk.fields(items=[], amount="", shown="")

    page = desk.client.post(path_of(desk, "promise"), data, headers=HTMX).content.decode()

    assert "Tick the invoices" in page


# Promising


def test_a_promise_is_written_down_and_shown_beside_the_customer(desk: Desk) -> None:
    answer = promise(desk)

    made = PromiseToPay.objects.get()
    assert answer.status_code == 200
    assert "payments-changed" in answer["HX-Trigger"]
    assert "We will not remind you before that." in answer.content.decode()
    assert (made.amount, made.made_by) == (18_490, desk.user)
    assert not OutgoingMessage.objects.exists()
    page = desk.page()
    assert "Promise €184.90 by" in page
    assert page.count("promised by") == 2


def test_the_page_with_a_promise_keeps_to_the_budget(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    promise(desk)
    desk.take()

    with django_assert_max_num_queries(12):
        desk.page()


@pytest.mark.parametrize(("place", "channel"), [(PHONE, "sms"), (EMAIL, "email")])
def test_a_promise_is_confirmed_where_that_is_ticked(desk: Desk, place: str, channel: str) -> None:
    promise(desk, destination=place)

    message = OutgoingMessage.objects.get()
    rendered = messages.renderer_of("promise")
    assert rendered is not None
    words = rendered(message)
    assert message.channel == channel
    assert "184.90" in words.text
    assert bool(words.html) == (channel == "email")


def test_many_presses_promise_once(desk: Desk) -> None:
    operation = make_public_id("op")

    answers = [promise(desk, operation=operation, destination=PHONE) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert PromiseToPay.objects.count() == OutgoingMessage.objects.count() == 1
    assert TimelineEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"amount": "€184.91"}, 422, "Only €184.90 of these invoices is open."),
        ({"amount": "much"}, 422, "Write the amount as"),
        ({"amount": "4111 1111 1111 1111"}, 422, "card number"),
        ({"due_on": "2001-01-01"}, 422, "Choose a day from today to 14 days ahead."),
        ({"due_on": "soon"}, 422, "Choose a day."),
        ({"items": []}, 422, "Tick the invoices that this is about."),
        ({"items": ["inv_nothing"]}, 422, "not open any more"),
        ({"destination": "sms:+358409999999"}, 422, "Choose a phone number"),
    ],
)
def test_what_is_refused_changes_nothing(
    desk: Desk, changes: dict[str, Any], status: int, words: str
) -> None:
    answer = promise(desk, **changes)

    body = answer.content.decode()
    assert answer.status_code == status
    assert words in body
    assert "4111 1111" not in body
    assert nothing_is_written()


def test_a_second_promise_of_the_same_invoices_is_refused(desk: Desk) -> None:
    promise(desk)

    answer = promise(desk, amount="€50.00")

    assert answer.status_code == 409
    assert "waits for a promise or instalments already" in answer.content.decode()
    assert PromiseToPay.objects.get().amount == 18_490
    assert TimelineEntry.objects.count() == 1


@pytest.mark.parametrize("role", ["auditor", "admin"])
@pytest.mark.parametrize("way", ["promise", "promise/make"])
def test_who_may_not_arrange_is_refused(desk: Desk, role: str, way: str) -> None:
    client = signed_in(getattr(people, role)())

    answer = client.post(path_of(desk, way), fields(desk), headers=HTMX)

    assert answer.status_code == 403
    assert nothing_is_written()
    assert (
        "Promise" not in client.get(f"/customers/{desk.customer.public_id}/pay/").content.decode()
    )


def test_nobody_promises_the_invoices_of_somebody_else(desk: Desk) -> None:
    answer = promise(desk, items=[InvoiceFactory.create().public_id])

    assert answer.status_code == 422
    assert nothing_is_written()


def test_without_scripts_the_browser_is_sent_back_to_the_customer(desk: Desk) -> None:
    answer = desk.client.post(path_of(desk, "promise/make"), fields(desk))

    assert answer.status_code == 302
    assert PromiseToPay.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_promise_at_once_make_one_promise(desk: Desk) -> None:
    def press(_: int) -> int:
        client = signed_in(people.agent())
        return int(
            client.post(path_of(desk, "promise/make"), fields(desk), headers=HTMX).status_code
        )

    answers = race([partial(press, number) for number in range(6)])

    assert sorted(answers) == [200, 409, 409, 409, 409, 409]
    assert PromiseToPay.objects.count() == 1


# Withdrawing


def withdraw(desk: Desk) -> Any:
    made = PromiseToPay.objects.get()
    return desk.client.post(f"/promises/{made.public_id}/withdraw/", follow=True)


def test_a_promise_is_withdrawn_from_the_customers_page(desk: Desk) -> None:
    promise(desk)

    page = withdraw(desk).content.decode()

    assert PromiseToPay.objects.get().status == "withdrawn"
    assert "Promise €184.90 by" not in page.partition('id="side-more"')[0]
    assert AuditEvent.objects.filter(action="promise.withdrawn").count() == 1


def test_a_promise_that_was_broken_is_shown_and_not_withdrawn(desk: Desk) -> None:
    promise(desk)
    PromiseToPay.objects.update(broken_at="2026-11-01T00:00:00Z")

    page = withdraw(desk).content.decode()

    assert "It cannot be withdrawn." in page
    assert "Promise broken: €184.90" in page
    assert PromiseToPay.objects.get().status == "broken"
