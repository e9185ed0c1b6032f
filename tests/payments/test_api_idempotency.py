"""One Idempotency-Key, one object: in every operation that asks for a key, and all at once."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connections, transaction

from core import idempotency, policy
from core.models import AuditEvent, IdempotencyRecord
from crm.models import Customer
from orders.models import Invoice, Order
from payments.models import CheckoutSession, PaymentIntent, Refund
from tests.api import Api
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import paid_capture

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model

LINE = {"description": "Visit", "quantity": 1, "unit_price": 100, "vat_bp": 2550}
AT_ONCE = 20


def customer(api: Api) -> dict[str, Any]:
    del api
    return {"name": "Aino"}


def order(api: Api) -> dict[str, Any]:
    del api
    return {"customer": CustomerFactory.create().public_id, "currency": "EUR", "lines": [LINE]}


def invoice(api: Api) -> dict[str, Any]:
    return {**order(api), "due_on": "2099-01-01"}


def intent(api: Api) -> dict[str, Any]:
    del api
    owed = InvoiceFactory.create(total=10_000)
    named = {"customer": owed.customer.public_id, "invoices": [owed.public_id]}
    return {**named, "amount": 10_000, "currency": "EUR"}


def session(api: Api) -> dict[str, Any]:
    return {"payment_intent": api.post("payment-intents", intent(api)).data["id"]}


def refund(api: Api) -> dict[str, Any]:
    del api
    capture = paid_capture()
    return {"payment_intent": capture.attempt.intent.public_id, "amount": 1, "reason": "late"}


type Body = Callable[[Api], dict[str, Any]]
MAKING: list[Any] = [
    pytest.param("customers", customer, Customer, {"name": "Eino"}, id="customers"),
    pytest.param("orders", order, Order, {"currency": "SEK"}, id="orders"),
    pytest.param("invoices", invoice, Invoice, {"description": "other"}, id="invoices"),
    pytest.param("payment-intents", intent, PaymentIntent, {"amount": 1}, id="payment-intents"),
    pytest.param("checkout-sessions", session, CheckoutSession, {"language": "sv"}, id="sessions"),
    pytest.param("refunds", refund, Refund, {"amount": 2}, id="refunds"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "body_of", "model", "change"), MAKING)
def test_a_key_is_needed_kept_apart_and_good_for_one_object(
    path: str, body_of: Body, model: type[Model], change: dict[str, Any]
) -> None:
    api = Api(*policy.Permission)
    body = body_of(api)
    before = model._default_manager.count()

    without = api.post(path, body, key="")
    first = api.post(path, body, key="k1")
    again = api.post(path, dict(reversed(body.items())), key="k1")
    other_body = api.post(path, {**body, **change}, key="k1")

    assert (without.status_code, without.data["code"]) == (400, "idempotency_key_missing")
    assert first.status_code == (202 if path == "refunds" else 201)
    assert "Idempotent-Replayed" not in first.headers
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.data == first.data
    assert (other_body.status_code, other_body.data["code"]) == (422, "idempotency_key_reused")
    assert model._default_manager.count() == before + 1


@pytest.mark.django_db
def test_a_repeat_shows_the_object_as_it_is_now() -> None:
    api = Api(*policy.Permission)
    body = intent(api)
    first = api.post("payment-intents", body, key="k1")
    api.post(f"payment-intents/{first.data['id']}/cancel")

    again = api.post("payment-intents", body, key="k1")

    assert (first.data["status"], again.data["status"]) == ("requires_payment_method", "canceled")
    assert again.data == api.get(f"payment-intents/{first.data['id']}").data


@pytest.mark.django_db
def test_a_refused_request_leaves_its_key_free() -> None:
    api = Api(*policy.Permission)
    body = intent(api)

    assert api.post("payment-intents", {**body, "amount": 10_001}, key="k1").status_code == 422
    assert not IdempotencyRecord.objects.exists()
    assert api.post("payment-intents", body, key="k1").status_code == 201


@pytest.mark.django_db
def test_neither_keys_nor_bodies_can_be_read_from_what_is_kept() -> None:
    api = Api(*policy.Permission)
    api.post("customers", {"name": "Aino"}, key="order-77-of-aino")

    (record,) = IdempotencyRecord.objects.values()

    assert "aino" not in str(record).lower()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "body_of", "model", "change"), MAKING)
def test_many_at_once_make_one_object(
    path: str, body_of: Body, model: type[Model], change: dict[str, Any]
) -> None:
    del change
    api = Api(*policy.Permission)
    body = body_of(api)
    before = model._default_manager.count()

    answers = all_at_once(lambda: api.post(path, body, key="k1"))

    assert {answer.status_code for answer in answers} <= {200, 201, 202, 409}
    made = [answer.data["id"] for answer in answers if answer.status_code != 409]
    late = {answer.data["code"] for answer in answers if answer.status_code == 409}
    assert len(set(made)) == 1
    assert late <= {"idempotency_key_in_flight"}
    assert model._default_manager.count() == before + 1


@pytest.mark.django_db(transaction=True)
def test_without_one_key_many_at_once_make_many() -> None:
    """The proof that the test before this one can fail."""
    api = Api(*policy.Permission)
    body = intent(api)

    answers = all_at_once(lambda: api.post("payment-intents", body))

    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert PaymentIntent.objects.count() == AT_ONCE


@pytest.mark.django_db(transaction=True)
def test_while_the_first_request_is_being_written_the_second_is_told_to_repeat() -> None:
    api = Api(*policy.Permission)
    body = intent(api)
    answers: list[Any] = []

    def ask() -> None:
        try:
            answers.append(api.post("payment-intents", body, key="k1"))
        finally:
            connections.close_all()

    with transaction.atomic():
        idempotency.reserve(
            principal=api.key,
            route="POST /api/v1/payment-intents",
            key="k1",
            body=b"anything",
            prefix="pi",
        )
        thread = Thread(target=ask)
        thread.start()
        thread.join(30)

    assert [(one.status_code, one.data["code"]) for one in answers] == [
        (409, "idempotency_key_in_flight")
    ]
    assert not AuditEvent.objects.exists()


def all_at_once(ask: Callable[[], Any]) -> list[Any]:
    start, answers = Barrier(AT_ONCE), []

    def run() -> None:
        try:
            start.wait()
            answers.append(ask())
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == AT_ONCE
    return answers
