"""A link is paid over real HTTP: our page, the provider's page, and back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from core.money import Money
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentEvent,
    ProviderAccount,
    ProviderOperation,
)
from payments.services import declines, links, operations, reading
from payments.services.intents import NewIntent, create_intent
from payments.services.sweep import sweep
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.pay_links import address
from tests.factories.payments import ProviderAccountFactory
from tests.sandbox.server import SandboxServer, sandbox, sandbox_process

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

__all__ = ["sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)

DECLINED = "4000000000000002"


class Phone:
    """A customer with a link to 100 euros."""

    def __init__(self, client: Client, sandbox: SandboxServer) -> None:
        self.client = client
        self.sandbox = sandbox
        self.account = ProviderAccountFactory.create(credentials=sandbox.credentials)
        self.customer = CustomerFactory.create(language="en")
        self.session = self.link()

    def link(self) -> CheckoutSession:
        invoice = InvoiceFactory.create(customer=self.customer, total=10_000)
        wanted = NewIntent(customer=self.customer, amount=Money(10_000, "EUR"), invoices=[invoice])
        intent = create_intent(wanted, actor=agent())
        return links.open_link(intent_id=intent.pk, actor=agent(), destination=None)

    def choose(self, method: str = "card", query: str = "") -> HttpResponse:
        to = address(self.session, "pay-method", query)
        return cast("HttpResponse", self.client.post(to, {"method": method}))

    def look(self, query: str = "") -> str:
        return str(self.client.get(address(self.session, query=query)).content.decode())

    def come_back(self, attempt: PaymentAttempt) -> str:
        answer = self.client.get(reverse("payments:back", args=[attempt.public_id]))
        return str(self.client.get(answer["Location"]).content.decode())


@pytest.fixture
def phone(client: Client, sandbox: SandboxServer) -> Phone:
    return Phone(client, sandbox)


def news_comes() -> None:
    PaymentAttempt.objects.filter(poll_at__isnull=False).update(poll_at=timezone.now())
    reading.drain()


def test_a_customer_pays_and_gets_a_receipt(phone: Phone) -> None:
    chosen = phone.choose()
    onward = phone.client.get(chosen["Location"])
    attempt = PaymentAttempt.objects.get()
    phone.sandbox.pay(attempt.page_url)
    waiting = phone.come_back(attempt)
    news_comes()
    then = phone.client.get(address(phone.session, "pay-state", "?back=1")).json()
    receipt = phone.client.get(then["next"]).content.decode()

    assert (chosen.status_code, chosen["Location"]) == (303, address(phone.session, "pay-onward"))
    assert onward["Refresh"] == f"0; url={attempt.page_url}"
    assert "We are checking with your bank" in waiting
    assert "This is paid" in phone.look()
    assert "€100.00" in receipt
    assert "•••• 4242" in receipt


def test_pressing_twice_leads_to_the_same_page(phone: Phone) -> None:
    first, second = phone.choose(), phone.choose()

    assert first["Location"] == second["Location"]
    assert PaymentAttempt.objects.count() == 1
    assert len(phone.sandbox.payments(PaymentAttempt.objects.get().public_id)) == 1


def test_choosing_counts_as_opened_and_keeps_the_language(phone: Phone) -> None:
    phone.choose(query="?lang=sv")

    phone.session.refresh_from_db()
    assert phone.session.opened_at is not None
    assert phone.session.language == "sv"
    assert PaymentEvent.objects.filter(status="opened").count() == 1


def test_a_refusal_is_told_and_another_way_is_open(phone: Phone) -> None:
    phone.choose()
    phone.sandbox.pay(PaymentAttempt.objects.get().page_url, card=DECLINED)
    news_comes()

    page = phone.look()

    assert "Your bank did not accept the payment. Nothing was charged." in page
    assert 'value="mobilepay"' in page


def test_another_way_closes_the_page_of_the_first(phone: Phone) -> None:
    phone.choose("card")
    answer = phone.choose("mobilepay")

    assert answer.status_code == 303
    statuses = PaymentAttempt.objects.order_by("pk").values_list("method", "status")
    assert list(statuses) == [("card", "canceled"), ("mobilepay", "pending")]


def refused(phone: Phone, times: int = 5) -> PaymentAttempt:
    """Let a customer's card be refused, and the news of it come."""
    phone.choose("card")
    attempt = PaymentAttempt.objects.get()
    for _ in range(times):
        phone.sandbox.pay(attempt.page_url, card=DECLINED)
    news_comes()
    return attempt


@pytest.mark.parametrize("method", ["card", "mobilepay"])
def test_five_refusals_in_ten_minutes_give_the_link_a_rest(phone: Phone, method: str) -> None:
    refused(phone)

    answer = phone.choose(method)
    onward = phone.client.get(address(phone.session, "pay-onward"))

    assert answer.status_code == 429
    assert PaymentAttempt.objects.count() == 1
    assert onward["Location"] == address(phone.session)
    for page in (answer.content.decode(), phone.look()):
        assert "this link can be used again at" in page
        assert "Customer service can offer you another way to pay" in page
        assert 'name="method"' not in page


def test_without_the_limit_the_same_method_returns_to_the_live_page(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof that the test before this one can fail."""
    monkeypatch.setattr(declines, "ALLOWED", 6)
    refused(phone)

    assert phone.choose("card")["Location"] == address(phone.session, "pay-onward")
    assert "Refresh" in phone.client.get(address(phone.session, "pay-onward"))


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "Asiakaspalvelu voi tarjota"), ("sv", "Kundtjänst kan erbjuda")],
)
def test_a_rest_is_explained_in_the_customers_language(
    phone: Phone, language: str, words: str
) -> None:
    refused(phone)

    assert words in phone.choose(query=f"?lang={language}").content.decode()


def test_the_page_of_a_resting_link_is_closed_at_the_provider(phone: Phone) -> None:
    attempt = refused(phone)
    operations.drain()

    attempt.refresh_from_db()
    assert attempt.status == "canceled"
    assert phone.sandbox.payment(attempt.public_id)["status"] == "canceled"


def test_a_link_rests_until_the_fifth_latest_refusal_is_ten_minutes_old(phone: Phone) -> None:
    refused(phone, times=6)
    told = PaymentEvent.objects.filter(subject_kind="decline").order_by("created_at")
    ends = told[1].created_at + declines.WINDOW

    assert declines.rests_until(phone.session) == ends
    with time_machine.travel(ends + timedelta(seconds=1)):
        assert declines.rests_until(phone.session) is None
        assert 'name="method"' in phone.look()


def test_four_refusals_do_not(phone: Phone) -> None:
    phone.choose("card")
    page_url = PaymentAttempt.objects.get().page_url
    for _ in range(4):
        phone.sandbox.pay(page_url, card=DECLINED)
    news_comes()

    assert phone.choose("mobilepay").status_code == 303


def test_a_lost_answer_is_told_calmly_and_blocks_nothing(phone: Phone) -> None:
    phone.sandbox.next_fault("reset", "create")

    lost = phone.choose()
    again = phone.choose()

    assert lost.status_code == 503
    assert "Nothing was charged" in lost.content.decode()
    assert again.status_code == 303
    assert PaymentAttempt.objects.filter(superseded_at=None).count() == 1


def test_a_provider_that_cannot_be_reached_is_told_calmly(phone: Phone) -> None:
    ProviderAccount.objects.update(
        credentials=phone.sandbox.credentials | {"base_url": "http://127.0.0.1:9"}
    )

    answer = phone.choose()

    assert answer.status_code == 503
    assert "Nothing was charged" in answer.content.decode()
    assert 'value="mobilepay"' in answer.content.decode()


def test_an_expired_link_cannot_be_paid(phone: Phone) -> None:
    CheckoutSession.objects.update(expires_at=timezone.now())

    answer = phone.choose()

    assert answer.status_code == 409
    assert "This link has expired" in answer.content.decode()
    assert PaymentAttempt.objects.count() == 0


def test_what_a_link_leaves_open_at_a_provider_is_closed_in_the_sweep_that_ends_the_link(
    phone: Phone,
) -> None:
    phone.choose()
    CheckoutSession.objects.update(expires_at=timezone.now())

    done = sweep()

    assert (done["expired_links"], done["operations"]) == (1, 1)
    closed = ProviderOperation.objects.get(kind="close_session")
    assert closed.status == "done"


def test_a_closed_link_cannot_be_paid(phone: Phone) -> None:
    links.close_link(session_id=phone.session.pk, actor=agent())

    answer = phone.choose()

    assert answer.status_code == 409
    assert "This link was closed" in answer.content.decode()
    assert PaymentAttempt.objects.count() == 0


def test_a_paid_link_cannot_be_paid_again(phone: Phone) -> None:
    phone.choose()
    phone.sandbox.pay(PaymentAttempt.objects.get().page_url)
    news_comes()

    answer = phone.choose()

    assert answer.status_code == 409
    assert "This is paid" in answer.content.decode()
    assert PaymentAttempt.objects.count() == 1


def test_a_link_closed_at_the_provider_still_says_that_it_is_checked(phone: Phone) -> None:
    phone.choose()
    attempt = PaymentAttempt.objects.get()
    phone.sandbox.pay(attempt.page_url)
    links.close_link(session_id=phone.session.pk, actor=agent())

    waiting = phone.come_back(attempt)
    operations.drain()
    news_comes()

    assert "We are checking with your bank" in waiting
    assert "This is paid" in phone.look()
