"""What a pay link shows in each of its states."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.utils import timezone

from payments.models import CheckoutSession, PaymentIntent
from payments.services import links, receipts
from payments.services.intents import cancel_intent
from tests.factories.core import agent
from tests.factories.orders import InvoiceFactory
from tests.factories.pay_links import address, open_link, paid_through, started
from tests.factories.payments import CheckoutSessionFactory, paid_capture

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "fi", "sv")


def test_an_open_link_shows_what_how_much_and_how(client: Client) -> None:
    session = open_link()

    page = client.get(address(session))

    text = page.content.decode()
    assert page.status_code == 200
    assert "€184.90" in text
    assert "€79.90" in text
    assert "Fibre 100" in text
    assert "Router" in text
    assert "does not see your card details" in text
    assert text.index('value="card"') < text.index('value="mobilepay"')


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_page(client: Client, language: str) -> None:
    session = open_link()

    page = client.get(address(session, query=f"?lang={language}"))

    text = page.content.decode()
    assert f'<html lang="{language}">' in text
    assert page["Content-Language"] == language
    assert ("184,90" in text) is (language != "en")
    others = [other for other in LANGUAGES if other != language]
    assert all(f'?lang={other}"' in text for other in others)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "link valid until 14 December 2026 at 14:30"),
        ("fi", "linkki voimassa 14.12.2026 klo 14.30 asti"),
        ("sv", "länken gäller till 14 december 2026 kl. 14:30"),
    ],
)
def test_how_long_a_link_is_valid_is_written_as_its_reader_writes_days(
    client: Client, language: str, words: str
) -> None:
    session = open_link()
    CheckoutSession.objects.update(expires_at=datetime(2026, 12, 14, 12, 30, tzinfo=UTC))

    with time_machine.travel("2026-12-13 10:00Z"):
        page = client.get(address(session, query=f"?lang={language}")).content.decode()

    assert words in page


def test_the_link_speaks_its_own_language_unless_asked(client: Client) -> None:
    session = CheckoutSessionFactory.create(language="sv")

    page = client.get(address(session, query="?lang=xx"), headers={"accept-language": "fi"})

    assert page["Content-Language"] == "sv"


def test_an_expired_link_tells_nothing_and_offers_nothing(client: Client) -> None:
    session = open_link()
    CheckoutSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    page = client.get(address(session))

    text = page.content.decode()
    assert "This link has expired" in text
    assert "184" not in text
    assert "<form" not in text


def test_a_closed_link_asks_for_a_new_one(client: Client) -> None:
    session = open_link()
    links.close_link(session_id=session.pk, actor=agent())

    page = client.get(address(session))

    assert "This link was closed" in page.content.decode()
    assert "<form" not in page.content.decode()


def test_a_payment_that_was_called_off_says_so(client: Client) -> None:
    session = open_link()
    cancel_intent(intent_id=session.intent_id, actor=agent())

    assert "This payment was called off" in client.get(address(session)).content.decode()


def test_a_paid_link_leads_to_its_receipt(client: Client) -> None:
    capture = paid_capture(invoice=InvoiceFactory.create())
    session = CheckoutSession.objects.get()

    page = client.get(address(session, query="?lang=en"))

    assert "This is paid" in page.content.decode()
    assert receipts.address_of(capture) in page.content.decode()
    assert "<form" not in page.content.decode()


def test_an_older_link_says_that_it_is_paid_and_shows_no_receipt(client: Client) -> None:
    older = CheckoutSessionFactory.create(status="closed", language="en")
    attempt_session = CheckoutSessionFactory.create(intent=older.intent)
    capture = paid_through(attempt_session)

    page = client.get(address(older)).content.decode()

    assert "This is paid" in page
    assert receipts.address_of(capture) not in page


def test_a_part_that_was_paid_says_what_is_left(client: Client) -> None:
    session = CheckoutSessionFactory.create(intent__amount=10_000, language="en")
    paid_through(session, 4_000)

    page = client.get(address(session)).content.decode()

    assert "We received a part" in page
    assert "€60.00" in page


def test_a_new_link_for_the_rest_asks_only_for_the_rest(client: Client) -> None:
    first = CheckoutSessionFactory.create(intent__amount=10_000)
    paid_through(first, 4_000)
    session = CheckoutSessionFactory.create(intent=first.intent, language="en")

    page = client.get(address(session)).content.decode()

    assert '<h1 class="sum"><span class="visually-hidden">To pay: </span>€60.00</h1>' in page
    assert "Already paid" in page
    assert "-€40.00" in page


def test_an_unknown_outcome_says_do_not_pay_again(client: Client) -> None:
    session = open_link()
    started(session, status="unknown", page_url="")

    page = client.get(address(session)).content.decode()

    assert "Do not pay again" in page
    assert "Check again" in page
    assert "<form" not in page
    assert client.get(address(session, "pay-state")).json()["state"] == "checking"


def test_money_that_may_have_moved_otherwise_blocks_the_page(client: Client) -> None:
    session = open_link()
    started(session)
    PaymentIntent.objects.update(blocked_by_unknown=True)

    page = client.get(address(session)).content.decode()

    assert "Do not pay again" in page
    assert "<form" not in page


def test_who_comes_back_waits_for_the_news(client: Client) -> None:
    session = open_link()
    started(session)

    page = client.get(address(session, query="?back=1")).content.decode()

    assert "We are checking with your bank" in page
    assert address(session, "pay-state", "?back=1") in page
    assert "Return to the same payment" in page


def test_the_words_of_the_address_are_not_believed(client: Client) -> None:
    session = open_link()

    page = client.get(address(session, query="?back=1&status=paid")).content.decode()

    assert 'value="card"' in page


def test_no_way_to_pay_is_said_calmly(client: Client) -> None:
    page = client.get(address(CheckoutSessionFactory.create(language="en"))).content.decode()

    assert "No way to pay is open just now" in page


def test_there_is_no_field_for_a_card_anywhere(client: Client) -> None:
    session = open_link()
    pages = [client.get(address(session)).content.decode()]
    started(session)
    pages += [client.get(address(session, query="?back=1")).content.decode()]
    pages += [client.get(address(session, "pay-onward")).content.decode()]

    fields = [field for page in pages for field in re.findall(r"<(?:input|textarea)[^>]*>", page)]
    assert set(fields) <= {'<input type="checkbox" name="keep" value="1">'}


def test_the_page_is_light(client: Client) -> None:
    page = client.get(address(open_link()))

    assert len(page.content) < 8_000
    assert b"style=" not in page.content


def test_the_page_takes_few_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    session = open_link()
    started(session)

    # Small ones that are planned once, for the link, its tries and their accounts: a quarter of
    # the time of those that join.
    with django_assert_max_num_queries(10):
        client.get(address(session))
    with django_assert_max_num_queries(5):
        client.get(address(session, "pay-state", "?back=1"))
