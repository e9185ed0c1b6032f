"""Instalments of what is ticked, through the browser's door."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from core.ids import make_public_id
from core.jobs import business_date
from core.models import AuditEvent
from crm.models import OutgoingMessage, TimelineEntry
from crm.services import messages
from orders.models import InstalmentPlan, InvoiceHold
from payments.models import (
    CheckoutSession,
    InstalmentMandate,
    InstalmentRequest,
    PaymentAttempt,
    PaymentIntent,
)
from tests.clients import signed_in
from tests.factories import calls as telephone
from tests.factories import core as people
from tests.factories.desk import EMAIL, HTMX, PHONE, Desk
from tests.factories.orders import InvoiceFactory
from tests.factories.pay_links import started

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

TODAY = business_date().isoformat()
TOMORROW = (business_date() + dt.timedelta(days=1)).isoformat()


@pytest.fixture
def desk() -> Desk:
    return Desk()


def path_of(desk: Desk, way: str = "") -> str:
    return f"/customers/{desk.customer.public_id}/pay/instalments/{way}"


def fields(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {
        "operation": make_public_id("op"),
        "currency": "EUR",
        "items": [desk.fibre.public_id, desk.router.public_id],
        "amount": "€184.90",
        "parts": "3",
        "first_on": TOMORROW,
        "rhythm": "monthly",
        "saved_method": "",
        **changes,
    }


def make(desk: Desk, **changes: Any) -> Any:
    return desk.client.post(path_of(desk, "make/"), fields(desk, **changes), headers=HTMX)


def nothing_is_written() -> bool:
    return not any(
        model.objects.exists()
        for model in (
            InstalmentPlan,
            InvoiceHold,
            OutgoingMessage,
            TimelineEntry,
            PaymentIntent,
            InstalmentMandate,
        )
    )


# Asking


def test_the_form_comes_filled_and_shows_every_part(desk: Desk) -> None:
    data = {**desk.fields(items=[desk.router.public_id], amount="€105.00", shown="€105.00")}

    page = desk.client.post(path_of(desk), data, headers=HTMX).content.decode()

    assert 'value="€105.00"' in page
    assert f'value="{TODAY}"' in page
    assert page.count("€35.00") == 3
    assert page.count('name="items"') == 1
    assert "A link for the first part goes out now" in page
    assert "no fees and no interest" in page
    assert nothing_is_written()


def test_without_scripts_the_link_opens_a_page_about_all_that_is_open(desk: Desk) -> None:
    page = desk.client.get(path_of(desk)).content.decode()

    assert "<html" in page
    assert page.count('name="items"') == 2
    assert "€61.64" in page


def test_the_preview_follows_what_is_typed(desk: Desk) -> None:
    data = fields(desk, parts="12", first_on="2099-01-31")

    late = desk.client.post(path_of(desk, "preview/"), data, headers=HTMX).content.decode()
    page = desk.client.post(
        path_of(desk, "preview/"), fields(desk, parts="2"), headers=HTMX
    ).content.decode()

    assert "would be due more than 366 days ahead" in late
    assert page.count("€92.45") == 2
    assert nothing_is_written()


@pytest.mark.parametrize(
    "changes", [{"parts": "many"}, {"amount": "much"}, {"first_on": "soon"}, {"currency": "?"}]
)
def test_what_cannot_be_read_has_no_preview(desk: Desk, changes: dict[str, Any]) -> None:
    page = desk.client.post(path_of(desk, "preview/"), fields(desk, **changes), headers=HTMX)

    assert page.status_code == 200
    assert "<ol" not in page.content.decode() or changes == {"currency": "?"}


# Agreeing


def test_a_plan_is_made_and_shown_wherever_the_customer_is(desk: Desk) -> None:
    answer = make(desk)

    plan = InstalmentPlan.objects.get()
    assert answer.status_code == 200
    assert "payments-changed" in answer["HX-Trigger"]
    assert "It is agreed: €61.64 on" in answer.content.decode()
    assert (plan.amount, plan.made_by, plan.way) == (18_490, desk.user, "link")
    page = desk.page()
    assert "next €61.64 by" in page
    assert page.count("instalment by") == 2
    own = desk.client.get(f"/instalments/{plan.public_id}/").content.decode()
    assert own.count("€61.63") == 2
    invoice = desk.client.get(f"/invoices/{desk.fibre.public_id}/").content.decode()
    assert "0 of 3 instalments paid" in invoice


def test_the_pages_with_a_plan_keep_to_the_budget(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make(desk, first_on=TODAY)
    plan = InstalmentPlan.objects.get()
    desk.page()  # What is known of providers is remembered for a while.

    with django_assert_max_num_queries(12):
        desk.page()
    with django_assert_max_num_queries(12):
        desk.client.get(f"/instalments/{plan.public_id}/")
    with django_assert_max_num_queries(12):
        desk.client.get(path_of(desk))


@pytest.mark.parametrize(("place", "channel"), [(PHONE, "sms"), (EMAIL, "email")])
def test_the_plan_is_confirmed_with_every_day(desk: Desk, place: str, channel: str) -> None:
    make(desk, destination=place)

    message = OutgoingMessage.objects.get()
    rendered = messages.renderer_of("instalments")
    assert rendered is not None
    words = rendered(message)
    assert message.channel == channel
    assert words.text.count("61.63") == 2
    assert "On each day you get a link to pay by." in words.text
    assert bool(words.html) == (channel == "email")


def test_the_first_part_of_today_is_asked_for_at_once(desk: Desk) -> None:
    make(desk, first_on=TODAY)

    assert InstalmentRequest.objects.get().intent.amount == 6_164
    assert OutgoingMessage.objects.get().kind == "payment_link"


def test_a_plan_hangs_on_the_call_during_which_it_was_made(desk: Desk) -> None:
    call = telephone.ring(desk.user, "+358401234567")
    telephone.tell(call, "answered")

    make(desk)

    assert InstalmentPlan.objects.get().call == call
    page = desk.client.get(f"/calls/{call.public_id}/").content.decode()
    assert "Agreed to pay €184.90 in 3 instalments" in page


def test_a_saved_card_is_charged_only_where_the_customer_agreed(desk: Desk) -> None:
    card = desk.saved_card()
    data = fields(desk, saved_method=card.public_id, first_on=TODAY)
    shown = desk.client.post(path_of(desk, "preview/"), data, headers=HTMX).content.decode()

    refused = make(desk, saved_method=card.public_id, first_on=TODAY)

    assert '<q lang="fi">' in shown
    assert "Visa ·· 4242 3 kertaa kuukausittain" in shown
    assert 'name="has_agreed"' in shown
    assert refused.status_code == 422
    assert "Read the sentence to the customer" in refused.content.decode()
    assert nothing_is_written()
    assert (
        make(desk, saved_method=card.public_id, first_on=TODAY, has_agreed="1").status_code == 200
    )
    assert InstalmentMandate.objects.get().method == card
    assert PaymentAttempt.objects.get().amount == 6_164


def test_many_presses_plan_once(desk: Desk) -> None:
    operation = make_public_id("op")

    answers = [make(desk, operation=operation, destination=PHONE) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert InstalmentPlan.objects.count() == OutgoingMessage.objects.count() == 1
    assert TimelineEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "€184.91"}, "Only €184.90 of these invoices is open."),
        ({"amount": "much"}, "Write the amount as"),
        ({"amount": "4111 1111 1111 1111"}, "card number"),
        ({"parts": "13"}, "Choose from 2 to 12 parts."),
        ({"parts": "many"}, "Write how many parts"),
        ({"first_on": "2001-01-01"}, "cannot be due before today"),
        ({"first_on": "soon"}, "Choose a day."),
        ({"rhythm": "daily"}, "daily"),
        ({"items": []}, "Tick the invoices that this is about."),
        ({"items": ["inv_nothing"]}, "not open any more"),
        ({"destination": "sms:+358409999999"}, "Choose a phone number"),
        ({"saved_method": "pm_nothing", "has_agreed": "1"}, "This way to pay is not offered"),
    ],
)
def test_what_is_refused_changes_nothing(desk: Desk, changes: dict[str, Any], words: str) -> None:
    answer = make(desk, **changes)

    body = answer.content.decode()
    assert answer.status_code in {409, 422}
    assert words in body
    assert "4111 1111" not in body
    assert nothing_is_written()


def test_a_second_plan_of_the_same_invoices_is_refused(desk: Desk) -> None:
    make(desk)

    answer = make(desk, amount="€50.00")

    assert answer.status_code == 409
    assert "waits for a promise or instalments already" in answer.content.decode()
    assert InstalmentPlan.objects.get().amount == 18_490


def test_a_page_the_customer_is_on_is_replaced_only_where_that_was_ticked(desk: Desk) -> None:
    desk.sent()
    started(CheckoutSession.objects.get())

    refused = make(desk)
    page = refused.content.decode()

    assert refused.status_code == 409
    assert "may still pay on the page that is open" in page
    assert 'name="replaces_open_page"' in page
    assert not InstalmentPlan.objects.exists()
    assert CheckoutSession.objects.get().status == "open"
    assert make(desk, replaces_open_page="1").status_code == 200
    assert CheckoutSession.objects.get().status == "closing"


@pytest.mark.parametrize("role", ["auditor", "admin"])
@pytest.mark.parametrize("way", ["", "preview/", "make/"])
def test_who_may_not_arrange_is_refused(desk: Desk, role: str, way: str) -> None:
    client = signed_in(getattr(people, role)())

    answer = client.post(path_of(desk, way), fields(desk), headers=HTMX)

    assert answer.status_code == 403
    assert nothing_is_written()


def test_who_may_not_take_payments_charges_no_card(desk: Desk) -> None:
    card = desk.saved_card()
    client = signed_in(people.finance())
    data = fields(desk, saved_method=card.public_id, has_agreed="1")

    page = client.get(path_of(desk)).content.decode()
    answer = client.post(path_of(desk, "make/"), data, headers=HTMX)

    assert card.public_id not in page
    assert answer.status_code in {409, 422}
    assert nothing_is_written()


def test_nobody_plans_the_invoices_of_somebody_else(desk: Desk) -> None:
    answer = make(desk, items=[InvoiceFactory.create().public_id])

    assert answer.status_code == 422
    assert nothing_is_written()


def test_without_scripts_the_browser_is_sent_back_to_the_customer(desk: Desk) -> None:
    answer = desk.client.post(path_of(desk, "make/"), fields(desk))

    assert answer.status_code == 302
    assert InstalmentPlan.objects.count() == 1


# Withdrawing


def withdraw(desk: Desk) -> str:
    plan = InstalmentPlan.objects.get()
    answer = desk.client.post(f"/instalments/{plan.public_id}/withdraw/", follow=True)
    return str(answer.content.decode())


def test_a_plan_is_withdrawn_from_its_page(desk: Desk) -> None:
    make(desk)

    page = withdraw(desk)

    assert InstalmentPlan.objects.get().status == "withdrawn"
    assert "Withdraw the plan" not in page
    assert AuditEvent.objects.filter(action="plan.withdrawn").count() == 1


def test_a_plan_that_was_broken_is_shown_and_not_withdrawn(desk: Desk) -> None:
    make(desk)
    InstalmentPlan.objects.update(broken_at="2026-11-01T00:00:00Z")

    page = withdraw(desk)

    assert "were paid, broken or withdrawn meanwhile" in page
    assert "Instalments broken: €184.90" in desk.page()
    assert InstalmentPlan.objects.get().status == "broken"


def test_who_may_not_arrange_does_not_withdraw(desk: Desk) -> None:
    make(desk)
    plan = InstalmentPlan.objects.get()

    answer = signed_in(people.auditor()).post(f"/instalments/{plan.public_id}/withdraw/")

    assert answer.status_code == 403
    assert InstalmentPlan.objects.get().status == "active"
