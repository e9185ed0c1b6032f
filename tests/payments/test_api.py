"""Payments over the API: what is asked for, how it is paid, and how it is given back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import policy
from core.models import ApiKey, AuditEvent, IdempotencyRecord
from crm.models import OutgoingMessage
from crm.services import merging
from orders.models import Order
from payments.models import (
    CheckoutSession,
    PaymentEvent,
    PaymentIntent,
)
from tests.api import Api
from tests.factories.calls import ring
from tests.factories.core import UserFactory, senior_agent
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory, OrderFactory
from tests.factories.pay_links import started
from tests.factories.payments import paid_capture
from tests.payments.owing import Owing, pointers

pytestmark = pytest.mark.django_db


@pytest.fixture
def owing() -> Owing:
    return Owing()


def test_a_payment_hangs_on_the_call_that_is_named(owing: Owing) -> None:
    call = ring(senior_agent())

    answer = owing.ask(call=call.public_id)

    assert answer.data["call"] == call.public_id
    assert PaymentIntent.objects.get().call == call


def test_a_call_that_nobody_knows_is_refused(owing: Owing) -> None:
    answer = owing.ask(call="call_nobody")

    assert (answer.status_code, pointers(answer)) == (404, ["#/call"])
    assert not PaymentIntent.objects.exists()


def test_what_is_to_be_paid_is_written_down(owing: Owing) -> None:
    answer = owing.ask(amount=6_000, description="The first half")

    intent = PaymentIntent.objects.get()
    assert answer.status_code == 201
    assert answer.data["id"] == intent.public_id
    assert answer.data["status"] == "requires_payment_method"
    assert answer.data["captured"] == {"amount": 0, "currency": "EUR"}
    assert (answer.data["capture_method"], answer.data["allow_surplus"]) == ("automatic", False)
    assert [(item.invoice_id, item.amount) for item in intent.items.all()] == [
        (owing.invoice.pk, 6_000)
    ]
    assert (intent.channel, intent.agent) == ("api", owing.api.key.owner)
    event = AuditEvent.objects.get(action="payment_intent.created")
    assert (event.actor_kind, event.actor_id) == ("api_key", owing.api.key.public_id)


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 1), ("KWD", 1_001), ("EUR", 1)])
def test_amounts_are_minor_units_of_any_currency(owing: Owing, currency: str, amount: int) -> None:
    invoice = InvoiceFactory.create(customer=owing.customer, total=5_000, currency=currency)

    answer = owing.ask(currency=currency, amount=amount, invoices=[invoice.public_id])

    assert answer.status_code == 201
    assert answer.data["surplus"] == {"amount": 0, "currency": currency}
    assert PaymentIntent.objects.get().amount == amount


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"amount": 0}, "#/amount", "min_value"),
        ({"amount": -1}, "#/amount", "min_value"),
        ({"amount": 10_001}, "#/amount", "more_than_owed"),
        ({"amount": "10000"}, "#/amount", "invalid"),
        ({"amount": 100.0}, "#/amount", "invalid"),
        ({"amount": True}, "#/amount", "invalid"),
        ({"amount": 10**30}, "#/amount", "max_value"),
        ({"currency": "SEK"}, "#/currency", "currency_not_owed"),
        ({"currency": "eur"}, "#/currency", "currency_unknown"),
        ({"currency": "EUX"}, "#/currency", "currency_unknown"),
        ({"currency": 978}, "#/currency", "invalid"),
        ({"invoices": []}, "#/amount", "more_than_owed"),
        ({"invoices": "inv_1"}, "#/invoices", "not_a_list"),
        ({"invoices": [7]}, "#/invoices/0", "invalid"),
        ({"customer": None}, "#/customer", "required"),
        ({"allow_surplus": "yes"}, "#/allow_surplus", "invalid"),
        ({"capture_method": "later"}, "#/capture_method", "invalid_choice"),
        ({"descripton": "x"}, "#/descripton", "unknown_field"),
    ],
)
def test_what_cannot_be_asked_is_pointed_at(
    owing: Owing, changes: dict[str, Any], pointer: str, code: str
) -> None:
    answer = owing.ask(**changes)

    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.data["errors"]] == [(pointer, code)]
    assert not PaymentIntent.objects.exists()
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"customer": "cus_nobody"}, "#/customer"),
        ({"invoices": ["inv_nothing"]}, "#/invoices/0"),
        ({"order": "ord_nothing"}, "#/order"),
    ],
)
def test_an_id_that_nobody_has_is_pointed_at(
    owing: Owing, changes: dict[str, Any], pointer: str
) -> None:
    answer = owing.ask(**changes)

    assert (answer.status_code, pointers(answer)) == (404, [pointer])
    assert not PaymentIntent.objects.exists()


def test_more_than_is_owed_needs_to_be_meant(owing: Owing) -> None:
    assert owing.ask(amount=12_000).data["code"] == "more_than_owed"

    answer = owing.ask(amount=12_000, allow_surplus=True)

    assert answer.status_code == 201
    assert PaymentIntent.objects.get().items.get().amount == 10_000


def test_an_invoice_of_somebody_else_is_refused(owing: Owing) -> None:
    answer = owing.ask(invoices=[InvoiceFactory.create().public_id])

    assert (answer.status_code, answer.data["code"]) == (422, "item_of_somebody_else")
    assert pointers(answer) == ["#/invoices"]
    assert not PaymentIntent.objects.exists()


def test_a_paid_invoice_is_refused(owing: Owing) -> None:
    paid_capture(invoice=owing.invoice)

    answer = owing.ask()

    assert (answer.data["code"], pointers(answer)) == ("item_not_open", ["#/invoices"])
    assert PaymentIntent.objects.count() == 1


def test_an_order_is_prepaid_up_to_its_total(owing: Owing) -> None:
    order = OrderFactory.create(customer=owing.customer, total=5_000)
    named = {"order": order.public_id, "invoices": None}

    assert owing.ask(**named, amount=5_001).data["code"] == "more_than_owed"
    assert owing.ask(**named, amount=5_000).status_code == 201

    paid_capture(customer=owing.customer, order=order, amount=3_000)
    assert owing.ask(**named, amount=2_001).data["code"] == "more_than_owed"
    assert owing.ask(**named, amount=2_000).status_code == 201


def test_an_order_that_is_not_this_customers_or_not_open_is_refused(owing: Owing) -> None:
    closed = OrderFactory.create(customer=owing.customer, status=Order.Status.CLOSED)
    named = {"invoices": None, "amount": 1}

    foreign = owing.ask(order=OrderFactory.create().public_id, **named)
    settled = owing.ask(order=closed.public_id, **named)

    assert (foreign.status_code, foreign.data["code"]) == (422, "order_of_somebody_else")
    assert (settled.status_code, settled.data["code"]) == (409, "order_not_open")
    assert not PaymentIntent.objects.exists()


def test_a_customer_who_was_merged_away_pays_as_the_one_it_became(owing: Owing) -> None:
    source = CustomerFactory.create()
    merging.merge_customers(source=source, target=owing.customer, actor=senior_agent())

    answer = owing.ask(customer=source.public_id)

    assert (answer.status_code, answer.data["customer"]) == (201, owing.customer.public_id)


def test_a_payment_is_called_off_once(owing: Owing) -> None:
    intent = owing.intent()
    owing.open_link(intent)
    path = f"payment-intents/{intent.public_id}/cancel"

    first = owing.api.post(path, key="k1")
    again = owing.api.post(path, key="k1")
    other = owing.api.post(path, key="k2")

    assert [one.data["status"] for one in (first, again, other)] == ["canceled"] * 3
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert CheckoutSession.objects.get().status == "closed"
    assert PaymentEvent.objects.filter(subject_kind="intent").count() == 1


def test_a_paid_payment_is_not_called_off(owing: Owing) -> None:
    intent = paid_capture(invoice=owing.invoice).attempt.intent

    answer = owing.api.post(f"payment-intents/{intent.public_id}/cancel")

    assert (answer.status_code, answer.data["code"]) == (409, "cannot_cancel_paid")
    intent.refresh_from_db()
    assert intent.status == "succeeded"


def test_a_link_is_opened_and_told_to_its_maker_alone(owing: Owing) -> None:
    intent = owing.intent()

    answer = owing.open_link(intent, language="sv", expires_in=600)

    session = CheckoutSession.objects.get()
    assert answer.status_code == 201
    assert f"/{session.public_id}/" in answer.data["url"]
    assert (answer.data["status"], answer.data["channel"]) == ("open", "")
    assert session.expires_at - session.created_at < timedelta(seconds=601)
    assert not OutgoingMessage.objects.exists()
    assert "url" not in owing.api.get(f"checkout-sessions/{session.public_id}").data


def test_a_link_with_a_destination_is_sent_in_the_customers_words(owing: Owing) -> None:
    answer = owing.open_link(
        owing.intent(), channel="sms", destination="040 123 4567", language="sv"
    )

    message = OutgoingMessage.objects.get()
    assert answer.data["destination"] == message.destination == "+358401234567"
    assert (message.kind, message.language) == ("payment_link", "sv")
    assert answer.data["url"] not in str(message.data)


@pytest.mark.parametrize(
    ("values", "code", "pointer"),
    [
        ({"channel": "sms"}, "no_way_to_send", "#/destination"),
        ({"destination": "040 123 4567"}, "no_way_to_send", "#/destination"),
        ({"channel": "sms", "destination": "12"}, "phone_unusable", "#/destination"),
        ({"channel": "email", "destination": "aino"}, "email_unusable", "#/destination"),
        ({"channel": "fax", "destination": "aino"}, "invalid_input", "#/channel"),
        ({"expires_in": 1}, "invalid_input", "#/expires_in"),
    ],
)
def test_a_link_that_cannot_be_sent_is_not_opened(
    owing: Owing, values: dict[str, Any], code: str, pointer: str
) -> None:
    answer = owing.open_link(owing.intent(), **values)

    assert (answer.status_code, answer.data["code"]) == (422, code)
    assert pointers(answer) == [pointer]
    assert not CheckoutSession.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_a_second_link_closes_the_first(owing: Owing) -> None:
    intent = owing.intent()
    first = owing.open_link(intent).data["id"]

    second = owing.open_link(intent)

    assert second.status_code == 201
    assert owing.api.get(f"checkout-sessions/{first}").data["status"] == "closed"


def test_no_second_link_is_opened_beside_a_page_that_can_be_paid_unless_it_is_meant(
    owing: Owing,
) -> None:
    intent = owing.intent()
    owing.open_link(intent)
    started(CheckoutSession.objects.get())

    refused = owing.open_link(intent)
    meant = owing.open_link(intent, replace_open_page=True)

    assert (refused.status_code, refused.data["code"]) == (409, "link_still_payable")
    assert meant.status_code == 201
    assert CheckoutSession.objects.count() == 2


@pytest.mark.parametrize("state", ["paid", "canceled"])
def test_what_is_paid_or_called_off_gets_no_link(owing: Owing, state: str) -> None:
    if state == "paid":
        intent = paid_capture(invoice=owing.invoice).attempt.intent
        before = 1
    else:
        intent, before = owing.intent(), 0
        owing.api.post(f"payment-intents/{intent.public_id}/cancel")

    answer = owing.open_link(intent)

    assert (answer.status_code, answer.data["code"]) == (409, f"already_{state}")
    assert CheckoutSession.objects.count() == before


def test_a_link_is_closed_once(owing: Owing) -> None:
    session = owing.open_link(owing.intent()).data["id"]
    path = f"checkout-sessions/{session}/close"

    first = owing.api.post(path, key="k1")
    again = owing.api.post(path, key="k1")

    assert first.data["status"] == again.data["status"] == "closed"
    assert again.headers["Idempotent-Replayed"] == "true"
    assert AuditEvent.objects.filter(action="checkout_session.closed").count() == 1


def test_the_events_tell_the_story_of_one_payment(owing: Owing) -> None:
    capture = paid_capture(invoice=owing.invoice)
    paid_capture()
    intent = capture.attempt.intent.public_id

    rows = owing.api.get("events", payment_intent=intent).data["results"]
    captured = owing.api.get("events", payment_intent=intent, subject_kind="capture").data

    assert {row["payment_intent"] for row in rows} == {intent}
    assert [(row["subject"], row["status"], row["amount"]) for row in captured["results"]] == [
        (capture.public_id, "succeeded", 10_000)
    ]


@pytest.mark.parametrize("change", ["revoked", "expired", "owner gone"])
def test_a_key_that_ended_asks_for_nothing(owing: Owing, change: str) -> None:
    if change == "owner gone":
        type(owing.api.key.owner).objects.update(is_active=False)
    else:
        now = timezone.now()
        ApiKey.objects.update(
            **{"revoked": {"revoked_at": now}, "expired": {"expires_at": now}}[change]
        )

    answer = owing.ask()

    assert (answer.status_code, answer.data["code"]) == (401, "not_authenticated")
    assert not PaymentIntent.objects.exists()


def test_programs_of_two_people_do_not_share_idempotency_keys(owing: Owing) -> None:
    other = Api(*policy.Permission, owner=UserFactory.create())

    first = owing.api.post("payment-intents", owing.wanted(), key="k1")
    second = other.post("payment-intents", owing.wanted(), key="k1")

    assert first.data["id"] != second.data["id"]


def test_instants_are_told_in_utc(owing: Owing) -> None:
    answer = owing.ask()

    assert answer.data["created_at"].endswith("Z")
    assert answer.data == owing.api.get(f"payment-intents/{answer.data['id']}").data
