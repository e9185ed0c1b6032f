"""The customer's pages as a browser meets them: looking changes nothing, and secrets are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEvent
from crm.models import OutgoingMessage
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderOperation,
)
from payments.services import links, receipts
from tests.factories.core import agent
from tests.factories.pay_links import address, open_link, started
from tests.factories.payments import CheckoutSessionFactory, paid_capture

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

EVERYTHING = (
    AuditEvent,
    CheckoutSession,
    OutgoingMessage,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderOperation,
)
LANGUAGES = ("en", "fi", "sv")
LATER = timedelta(hours=1)


def state_of_everything() -> list[list[Any]]:
    return [list(model._default_manager.order_by("pk").values_list()) for model in EVERYTHING]


@pytest.mark.parametrize("name", ["pay", "pay-state", "pay-onward"])
def test_looking_changes_nothing(client: Client, name: str) -> None:
    session = open_link()
    before = state_of_everything()

    client.get(address(session, name))
    client.head(address(session, name))

    assert state_of_everything() == before
    assert not client.cookies


def test_the_address_is_kept_from_others(client: Client) -> None:
    session = open_link()

    for page in (
        client.get(address(session)),
        client.get(address(session, "pay-state")),
        client.get(reverse("payments:pay", args=[session.public_id, "x" * 22])),
    ):
        assert page["Referrer-Policy"] == "no-referrer"
        assert page["X-Robots-Tag"].startswith("noindex")
        assert page["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["pay", "pay-state", "pay-onward", "pay-opened", "pay-method"])
def test_a_wrong_secret_and_an_unknown_link_look_the_same(client: Client, name: str) -> None:
    session, other = open_link(), CheckoutSessionFactory.build()
    before = state_of_everything()
    wrong = reverse(f"payments:{name}", args=[session.public_id, "x" * 22])
    unknown = reverse(f"payments:{name}", args=[other.public_id, links.secret_of(session)])

    answers = [
        request(path, {"method": "card"})
        for request in (client.get, client.post)
        for path in (wrong, unknown)
    ]

    assert {answer.status_code for answer in answers} == {404}
    pages = {answer.content.replace(answer.wsgi_request.path.encode(), b"") for answer in answers}
    assert len(pages) == 1
    assert b"184" not in pages.pop()
    assert state_of_everything() == before


def test_an_address_of_an_earlier_turn_opens_nothing(client: Client) -> None:
    session = open_link()
    earlier = address(session)
    CheckoutSession.objects.update(turn=2)

    assert client.get(earlier).status_code == 404


def test_coming_back_only_asks_for_news(client: Client) -> None:
    session = open_link()
    attempt = started(session, poll_at=timezone.now() + LATER)

    answer = client.get(reverse("payments:back", args=[attempt.public_id]))

    attempt.refresh_from_db()
    assert answer.status_code == 303
    assert answer["Location"] == address(session, query="?back=1")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert attempt.poll_at is not None
    assert attempt.poll_at <= timezone.now()
    assert (attempt.status, PaymentEvent.objects.count()) == ("pending", 0)


def test_who_turned_back_can_go_on_or_choose_anew(client: Client) -> None:
    session = open_link()
    attempt = started(session, method="bank")

    answer = client.get(reverse("payments:back", args=[attempt.public_id]) + "?left=1")
    page = client.get(answer["Location"]).content.decode()

    assert answer["Location"] == address(session)
    assert "You have started to pay" in page
    assert page.index('value="bank"') < page.index('value="card"')


@pytest.mark.parametrize("attempt_id", ["pa_unknown", "x"])
def test_an_unknown_attempt_leads_nowhere(client: Client, attempt_id: str) -> None:
    assert client.get(reverse("payments:back", args=[attempt_id])).status_code == 404


def test_the_waiting_page_is_led_to_the_receipt(client: Client) -> None:
    capture = paid_capture()
    session = CheckoutSession.objects.get()

    answer = client.get(address(session, "pay-state", "?back=1")).json()

    assert answer == {"state": "paid", "next": receipts.address_of(capture)}


def test_who_comes_back_after_the_news_is_led_to_the_receipt_too(client: Client) -> None:
    capture = paid_capture()
    session = CheckoutSession.objects.get()

    answer = client.get(address(session, query="?back=1"))

    assert (answer.status_code, answer["Location"]) == (303, receipts.address_of(capture))


def test_who_opens_a_paid_link_again_sees_that_it_is_paid(client: Client) -> None:
    paid_capture()
    session = CheckoutSession.objects.get()

    answer = client.get(address(session))

    assert answer.status_code == 200
    assert "Tämä on maksettu" in answer.text


def test_opened_is_told_once_by_the_page_itself(client: Client) -> None:
    session = open_link()

    answers = [client.post(address(session, "pay-opened")) for _ in range(2)]

    session.refresh_from_db()
    assert [answer.status_code for answer in answers] == [204, 204]
    assert session.opened_at is not None
    assert PaymentEvent.objects.filter(status="opened").count() == 1


def test_an_agent_who_looks_is_not_the_customer(client: Client) -> None:
    session = open_link()
    client.force_login(agent())

    client.post(address(session, "pay-opened"))

    session.refresh_from_db()
    assert session.opened_at is None
    assert PaymentEvent.objects.count() == 0


def test_in_the_demo_one_browser_plays_both(client: Client, settings: Settings) -> None:
    settings.KUITTI_DEMO = True
    session = open_link()
    client.force_login(agent())

    client.post(address(session, "pay-opened"))

    session.refresh_from_db()
    assert session.opened_at is not None


@pytest.mark.parametrize("name", ["pay-opened", "pay-method"])
def test_a_form_of_another_site_is_refused(client: Client, name: str) -> None:
    session = open_link()
    before = state_of_everything()

    answer = client.post(
        address(session, name), {"method": "card"}, headers={"sec-fetch-site": "cross-site"}
    )

    assert answer.status_code == 404
    assert state_of_everything() == before


@pytest.mark.parametrize("method", ["", "cash", "card\0", "x" * 500])
def test_a_method_that_is_not_offered_is_refused(client: Client, method: str) -> None:
    session = open_link()
    started(session, method="card")
    before = state_of_everything()

    answer = client.post(address(session, "pay-method"), {"method": method})

    assert answer.status_code == 422
    assert "Choose another one" in answer.content.decode()
    assert state_of_everything() == before


@pytest.mark.parametrize("name", ["pay-opened", "pay-method"])
def test_what_changes_something_is_never_a_get(client: Client, name: str) -> None:
    assert client.get(address(open_link(), name)).status_code == 405


def test_the_way_on_is_only_for_a_payment_that_was_started(client: Client) -> None:
    session = open_link()

    nothing_yet = client.get(address(session, "pay-onward"))
    started(session, page_url="https://provider.example/p/1")
    onward = client.get(address(session, "pay-onward"))

    assert (nothing_yet.status_code, nothing_yet["Location"]) == (303, address(session))
    assert onward["Refresh"] == "0; url=https://provider.example/p/1"
    assert 'href="https://provider.example/p/1"' in onward.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_accessibility_statement_is_there(client: Client, language: str) -> None:
    session = open_link()
    where = reverse("payments:pay-accessibility") + f"?lang={language}"

    assert where in client.get(address(session, query=f"?lang={language}")).content.decode()
    assert f'<html lang="{language}">' in client.get(where).content.decode()
