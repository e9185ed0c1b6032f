"""Bank transfers that are told and waited for: nothing is opened at a provider."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from core.ids import make_public_id
from core.money import Money
from crm.models import OutgoingMessage
from crm.services import messages
from payments.epc import payment_code
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderOperation,
)
from payments.services import links, transfers
from payments.services.transfers import Transfer, spread
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories.desk import EMAIL, HTMX, PHONE, Desk
from tests.factories.orders import InvoiceFactory
from tests.orders.threads import race

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

IBAN = "FI2112345600000785"
Kind = CheckoutSession.Kind


@pytest.fixture(autouse=True)
def account(settings: Any) -> None:
    settings.MERCHANT_IBAN = IBAN


@pytest.fixture
def desk() -> Desk:
    return Desk()


def path_of(desk: Desk, act: str = "") -> str:
    return f"/customers/{desk.customer.public_id}/pay/transfer/{act}"


def fields(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {
        "operation": make_public_id("op"),
        "currency": "EUR",
        "items": [desk.fibre.public_id, desk.router.public_id],
        "amount": "€184.90",
        **changes,
    }


def expect(desk: Desk, **changes: Any) -> Any:
    return desk.client.post(path_of(desk, "expect/"), fields(desk, **changes), headers=HTMX)


def nothing_is_asked() -> bool:
    rows = (PaymentIntent, CheckoutSession, PaymentEvent, OutgoingMessage)
    return not any(model.objects.exists() for model in rows)


def test_account_amount_and_reference_are_shown_in_groups_to_read_aloud(desk: Desk) -> None:
    data = desk.fields(items=[desk.router.public_id], amount="€105.00", shown="€105.00")

    page = desk.client.post(path_of(desk), data, headers=HTMX).content.decode()

    assert "FI21 1234 5600 0007 85" in page
    assert "€105.00" in page
    assert " ".join([desk.router.rf_reference[at : at + 4] for at in (0, 4, 8)]) in page
    assert f'data-copy="{desk.router.reference}"' in page
    assert 'data-copy="105.00"' in page
    assert "data:image/svg+xml" in page
    assert nothing_is_asked()


def test_several_invoices_are_several_transfers_each_with_its_reference(desk: Desk) -> None:
    page = desk.client.get(path_of(desk)).content.decode()

    for invoice in (desk.fibre, desk.router):
        assert f'data-copy="{invoice.rf_reference}"' in page
    assert "data:image/svg+xml" not in page


def test_a_part_pays_the_oldest_first(desk: Desk) -> None:
    found = spread(Money(10_000, "EUR"), [desk.fibre, desk.router])

    assert [(one.invoice, one.amount.minor) for one in found] == [
        (desk.fibre, 7_990),
        (desk.router, 2_010),
    ]


def test_the_transfer_is_waited_for_on_the_rail(desk: Desk) -> None:
    answer = expect(desk)

    session = CheckoutSession.objects.get()
    assert answer.status_code == 200
    assert (session.kind, session.status, session.destination) == (Kind.BANK, "open", "")
    assert [item.amount for item in session.intent.items.order_by("pk")] == [7_990, 10_500]
    page = desk.page()
    assert "Waits for a bank transfer" in page
    assert page.count("waits for a transfer") == 2
    assert not OutgoingMessage.objects.exists()
    assert not ProviderOperation.objects.exists()
    assert not PaymentAttempt.objects.exists()


def test_the_page_keeps_to_the_budget(
    desk: Desk, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    expect(desk)
    desk.page()  # what is kept for some seconds is read before

    with django_assert_max_num_queries(12):
        desk.page()


@pytest.mark.parametrize(("place", "channel"), [(PHONE, "sms"), (EMAIL, "email")])
def test_the_figures_are_sent_where_that_is_pressed(desk: Desk, place: str, channel: str) -> None:
    expect(desk, destination=place)

    message = OutgoingMessage.objects.get()
    render = messages.renderer_of(message.kind)
    assert render is not None
    words = render(message)
    assert (message.kind, message.channel) == ("bank_transfer", channel)
    assert IBAN in words.text
    assert "/pay/" not in words.text + words.html
    assert bool(words.html) == (channel == "email")
    messages.reach(message, "delivered")
    told = PaymentEvent.objects.filter(subject_kind="session", status="delivered")
    assert told.count() == 1


def test_many_presses_wait_once(desk: Desk) -> None:
    operation = make_public_id("op")

    answers = [expect(desk, operation=operation, destination=PHONE) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert PaymentIntent.objects.count() == CheckoutSession.objects.count() == 1
    assert OutgoingMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_agents_who_wait_for_the_same_at_once_share_one_payment(desk: Desk) -> None:
    def press(_: int) -> int:
        client = signed_in(people.agent())
        path = path_of(desk, "expect/")
        return int(client.post(path, fields(desk), headers=HTMX).status_code)

    answers = race([partial(press, number) for number in range(6)])

    assert answers == [200] * 6
    assert PaymentIntent.objects.count() == CheckoutSession.objects.count() == 1


def test_a_link_for_the_same_takes_the_place_of_the_transfer(desk: Desk) -> None:
    expect(desk)

    desk.take()

    assert PaymentIntent.objects.count() == 1
    found = CheckoutSession.objects.order_by("pk").values_list("kind", "status")
    assert list(found) == [("bank", "closed"), ("link", "open")]


def test_a_transfer_that_did_not_come_is_waited_for_no_longer(desk: Desk) -> None:
    expect(desk)
    session = CheckoutSession.objects.get()
    CheckoutSession.objects.update(expires_at=session.created_at)

    links.expire_link(session_id=session.pk)

    session.refresh_from_db()
    assert session.status == "expired"
    assert "No transfer came in time" in desk.page()


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"amount": "€184.91"}, 422, "Only €184.90 is owed."),
        ({"amount": "4111 1111 1111 1111"}, 422, "card number"),
        ({"items": ["inv_nothing"]}, 422, "not open any more"),
        ({"destination": "sms:+358409999999"}, 422, "Choose a phone number"),
    ],
)
def test_what_is_refused_changes_nothing(
    desk: Desk, changes: dict[str, Any], status: int, words: str
) -> None:
    answer = expect(desk, **changes)

    body = answer.content.decode()
    assert answer.status_code == status
    assert words in body
    assert "4111 1111" not in body
    assert nothing_is_asked()


def test_where_no_account_is_named_no_transfer_is_offered(desk: Desk, settings: Any) -> None:
    settings.MERCHANT_IBAN = ""

    answer = expect(desk)

    assert answer.status_code == 409
    assert nothing_is_asked()
    assert "pay/transfer/" not in desk.page()
    assert not transfers.is_possible()


@pytest.mark.parametrize("role", ["finance", "auditor", "admin"])
@pytest.mark.parametrize("act", ["", "expect/"])
def test_who_may_not_take_payments_is_refused(desk: Desk, role: str, act: str) -> None:
    client = signed_in(getattr(people, role)())

    answer = client.post(path_of(desk, act), fields(desk), headers=HTMX)

    assert answer.status_code == 403
    assert nothing_is_asked()


def test_the_code_knows_euros_only() -> None:
    krona = InvoiceFactory.create(currency="SEK", total=100)

    assert payment_code(Transfer(Money(100, "SEK"), krona)) == ""
    assert payment_code(Transfer(Money(100, "EUR"), krona)).startswith("data:image/svg+xml")
