"""The Pay panel through the browser's door: each role, each refusal, each second press."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core.ids import make_public_id
from crm.models import OutgoingMessage
from payments.models import CheckoutSession, PaymentEvent, PaymentIntent, ProviderOperation
from tests.factories import core as people
from tests.factories.calls import ring, tell
from tests.factories.desk import HTMX, Desk
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import paid_capture
from tests.orders.threads import race

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

CARD = "4111 1111 1111 1111"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def nothing_is_asked() -> bool:
    rows = (PaymentIntent, CheckoutSession, PaymentEvent, OutgoingMessage)
    return not any(model.objects.exists() for model in rows)


def test_the_page_ticks_what_is_owed_oldest_first_and_shows_where_the_link_goes(desk: Desk) -> None:
    page = desk.page()

    assert page.index(desk.fibre.number) < page.index(desk.router.number)
    assert page.count("checked") == 2
    assert 'value="€184.90"' in page
    assert "Send link by SMS to +358 40 ··· 4567" in page
    assert "E-mail to ain···@example.com" in page
    assert "overdue" in page


def test_the_page_takes_twelve_statements_at_most_while_somebody_calls(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk.take()
    for _ in range(12):
        paid_capture(customer=desk.customer)
        InvoiceFactory.create(customer=desk.customer)
    tell(ring(desk.user), "answered")
    ring(desk.user, "+358501111111")

    with django_assert_max_num_queries(12):
        page = desk.page()

    assert "Send link by SMS to +358 40 ··· 4567" in page


def test_sending_a_link_makes_the_payment_its_link_and_its_message(desk: Desk) -> None:
    answer = desk.take()

    intent = PaymentIntent.objects.get()
    assert answer.status_code == 200
    assert (intent.amount, intent.agent) == (18_490, desk.user)
    assert [item.amount for item in intent.items.order_by("pk")] == [7_990, 10_500]
    assert CheckoutSession.objects.get().destination == "+358401234567"
    assert OutgoingMessage.objects.get().channel == "sms"
    body = answer.content.decode()
    assert "SMS on its way" in body
    assert body.count("payment under way") == 2
    assert "checked" not in body


def test_without_scripts_the_browser_is_sent_back_to_the_customer(desk: Desk) -> None:
    path = f"/customers/{desk.customer.public_id}/pay/send/"

    answer = desk.client.post(path, desk.fields())

    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/customers/{desk.customer.public_id}/pay/",
    )
    assert PaymentIntent.objects.count() == 1


def test_a_reload_sends_nothing_twice(desk: Desk) -> None:
    fields = desk.fields()
    path = f"/customers/{desk.customer.public_id}/pay/send/"

    answers = [desk.client.post(path, fields, headers=HTMX) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert PaymentIntent.objects.count() == 1
    assert OutgoingMessage.objects.count() == 1


def test_the_back_button_with_another_amount_changes_nothing(desk: Desk) -> None:
    operation = make_public_id("op")
    desk.take(operation=operation)

    answer = desk.take(operation=operation, amount="€50.00")

    body = answer.content.decode()
    assert answer.status_code == 409
    assert "This was sent before" in body
    assert operation not in body
    assert PaymentIntent.objects.get().amount == 18_490
    assert OutgoingMessage.objects.count() == 1


def test_the_same_items_and_amount_use_the_link_that_is_open(desk: Desk) -> None:
    desk.take()

    desk.take(destination="email:aino@example.com")

    assert PaymentIntent.objects.count() == 1
    assert CheckoutSession.objects.count() == 1
    assert [m.channel for m in OutgoingMessage.objects.order_by("pk")] == ["sms", "email"]


def test_other_items_are_another_payment(desk: Desk) -> None:
    desk.take(items=[desk.fibre.public_id], amount="€79.90", shown="€79.90")

    desk.take(items=[desk.router.public_id], amount="€105.00", shown="€105.00")

    assert PaymentIntent.objects.count() == 2


def test_a_smaller_amount_pays_the_oldest_first(desk: Desk) -> None:
    desk.take(amount="100")

    intent = PaymentIntent.objects.get()
    assert intent.amount == 10_000
    assert [item.amount for item in intent.items.order_by("pk")] == [7_990, 2_010]


def test_the_amount_is_read_in_the_readers_language() -> None:
    finn = Desk(people.agent())
    finn.user.language = "fi"
    finn.user.save(update_fields=["language"])

    finn.take(amount="1 84,90 €".replace(" ", "", 1), shown="")

    assert PaymentIntent.objects.get().amount == 18_490


def test_more_than_is_owed_asks_before_anything_is_made(desk: Desk) -> None:
    answer = desk.take(amount="€200.00")

    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="allows_surplus"' in body
    assert 'value="€200.00"' in body
    assert nothing_is_asked()

    desk.take(amount="€200.00", allows_surplus="1")

    assert PaymentIntent.objects.get().amount == 20_000


@pytest.mark.parametrize(
    "amount", ["", "0", "-5", "abc", "12,50", "1e3", "99999999999999", "1.005"]
)
def test_an_amount_that_cannot_be_is_refused_and_kept_on_the_screen(
    desk: Desk, amount: str
) -> None:
    answer = desk.take(amount=amount)

    body = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r'id="pay-amount"[^>]*aria-invalid="true"', body, re.DOTALL)
    assert f'value="{amount}"' in body
    assert nothing_is_asked()


def test_a_card_number_typed_as_an_amount_is_refused_and_not_shown_again(desk: Desk) -> None:
    answer = desk.take(amount=CARD)

    body = answer.content.decode()
    assert answer.status_code == 422
    assert "looks like a card number" in body
    assert CARD not in body
    assert CARD.replace(" ", "") not in body
    assert nothing_is_asked()


def test_an_item_that_was_paid_meanwhile_is_refused(desk: Desk) -> None:
    paid_capture(invoice=desk.fibre)
    before = PaymentIntent.objects.count()

    answer = desk.take()

    assert answer.status_code == 422
    assert "not open any more" in answer.content.decode()
    assert PaymentIntent.objects.count() == before


def test_nothing_is_sent_that_was_not_on_the_screen(desk: Desk) -> None:
    answer = desk.take(items=[desk.fibre.public_id])

    body = answer.content.decode()
    assert answer.status_code == 422
    assert "The items now come to €79.90" in body
    assert 'name="amount"' in body
    assert 'value="€79.90"' in body
    assert nothing_is_asked()


@pytest.mark.parametrize("destination", ["", "sms:+358409999999", f"sms:{CARD}", "pigeon"])
def test_a_place_that_is_not_the_customers_is_refused(desk: Desk, destination: str) -> None:
    answer = desk.take(destination=destination)

    assert answer.status_code == 422
    assert "Choose a phone number or an e-mail" in answer.content.decode()
    assert nothing_is_asked()


def test_items_of_another_customer_are_refused(desk: Desk) -> None:
    stranger = InvoiceFactory.create(total=500)

    answer = desk.take(items=[stranger.public_id], amount="€5.00", shown="€5.00")

    assert answer.status_code == 422
    assert nothing_is_asked()


def test_two_currencies_cannot_be_paid_at_once(desk: Desk) -> None:
    yen = InvoiceFactory.create(customer=desk.customer, total=500, currency="JPY")

    answer = desk.take(items=[desk.fibre.public_id, yen.public_id])

    assert answer.status_code == 422
    assert nothing_is_asked()


def test_a_currency_without_decimals_is_read_and_sent(desk: Desk) -> None:
    yen = InvoiceFactory.create(customer=desk.customer, total=500, currency="JPY")

    desk.take(items=[yen.public_id], currency="JPY", amount="JP¥500", shown="JP¥500")

    assert PaymentIntent.objects.get().amount == 500


def test_ticking_answers_the_panel_and_changes_nothing(desk: Desk) -> None:
    path = f"/customers/{desk.customer.public_id}/pay/refresh/"

    answer = desk.post(path, desk.fields(items=[desk.router.public_id]))

    body = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="€105.00"' in body
    assert body.count("checked") == 1
    assert nothing_is_asked()


def test_what_was_typed_by_hand_stays_when_items_are_ticked(desk: Desk) -> None:
    path = f"/customers/{desk.customer.public_id}/pay/refresh/"

    answer = desk.post(path, desk.fields(items=[desk.router.public_id], amount="50"))

    assert 'value="50"' in answer.content.decode()


@pytest.mark.parametrize("role", ["finance", "admin", "auditor"])
def test_who_takes_no_payments_sees_what_is_open_and_can_send_nothing(role: str) -> None:
    desk = Desk(getattr(people, role)())

    assert "Send link" not in desk.page()
    assert desk.take().status_code == 403
    assert nothing_is_asked()


@pytest.mark.parametrize("role", ["agent", "senior_agent", "supervisor"])
def test_who_serves_customers_sends_links(role: str) -> None:
    desk = Desk(getattr(people, role)())

    assert desk.take().status_code == 200
    assert PaymentIntent.objects.count() == 1


def test_nobody_acts_without_signing_in(desk: Desk, client: Client) -> None:
    answer = client.post(f"/customers/{desk.customer.public_id}/pay/send/", desk.fields())

    assert answer.status_code == 302
    assert nothing_is_asked()


def test_a_form_of_another_site_is_refused(desk: Desk) -> None:
    desk.client.handler.enforce_csrf_checks = True

    assert desk.take().status_code == 403
    assert nothing_is_asked()


# Saved methods


def test_a_saved_method_is_charged_for_what_is_ticked(desk: Desk) -> None:
    method = desk.saved_card()
    assert "Visa ·· 4242" in desk.page()

    answer = desk.take(saved_method=method.public_id, destination="")

    assert answer.status_code == 200
    operation = ProviderOperation.objects.get()
    assert (operation.kind, operation.amount, operation.status) == ("charge", 18_490, "created")
    assert "Confirming with the bank…" in answer.content.decode()


def test_somebody_elses_saved_method_is_refused(desk: Desk) -> None:
    other = Desk()
    method = other.saved_card()

    answer = desk.take(saved_method=method.public_id, destination="")

    assert answer.status_code == 422
    assert ProviderOperation.objects.count() == 0
    assert nothing_is_asked()


# Races


@pytest.mark.django_db(transaction=True)
def test_twenty_clicks_at_once_send_one_link(desk: Desk) -> None:
    fields = desk.fields()
    path = f"/customers/{desk.customer.public_id}/pay/send/"
    browsers = [desk.browser() for _ in range(20)]

    answers = race([lambda b=b: b.post(path, fields, headers=HTMX) for b in browsers])  # type: ignore[misc]

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert 200 in {answer.status_code for answer in answers}
    assert PaymentIntent.objects.count() == 1
    assert CheckoutSession.objects.count() == 1
    assert OutgoingMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_agents_who_ask_for_the_same_share_one_payment(desk: Desk) -> None:
    path = f"/customers/{desk.customer.public_id}/pay/send/"
    browsers = [desk.browser() for _ in range(8)]
    forms = [desk.fields() for _ in browsers]

    answers = race(
        [
            lambda b=b, fields=fields: b.post(path, fields, headers=HTMX)  # type: ignore[misc]
            for b, fields in zip(browsers, forms, strict=True)
        ]
    )

    assert {answer.status_code for answer in answers} == {200}
    assert PaymentIntent.objects.count() == 1
    assert CheckoutSession.objects.count() == 1
