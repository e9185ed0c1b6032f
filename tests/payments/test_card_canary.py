"""Card numbers typed into everything that takes anything: nothing of ours keeps one.

Afterwards every column of every table, every answer and every line of the log is searched for
the digits. Raw bodies of signed deliveries lie encrypted and are the provider's own words.
"""

from __future__ import annotations

import json
import logging
import re
import time
import unicodedata
import uuid
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client

from config.log import JsonFormatter
from core import policy
from core.api import issue_key
from core.ids import make_public_id
from crm.api.serializers import CustomerChanges, CustomerInput, DeliveryInput, TaskInput
from crm.forms import ContactPointForm, NewCustomerForm, NoteForm
from crm.task_forms import TaskForm
from orders.api.serializers import InvoiceInput, LineInput, OrderInput
from payments.api.serializers import (
    CaptureInput,
    CheckoutSessionInput,
    PaymentIntentInput,
    RefundInput,
)
from payments.forms import DestinationForm, PaymentForm, RefundForm
from payments.models import WebhookEvent
from payments.sandbox.webhooks import sign
from payments.services import links, webhooks
from tests.conftest import _owner
from tests.factories.core import finance, supervisor
from tests.factories.desk import HTMX, Desk
from tests.factories.payments import paid_capture
from tests.payments.test_known_failures import table_that_refuses
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from payments.models import Capture
    from tests.sandbox.server import SandboxServer

__all__ = ["sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)

CARDS = ("4111111111111111", "5500005555555559", "371449635398431", "30569309025904")
DIGITS = re.compile(r"\D+")


def disguises() -> Iterator[str]:
    """Give every card in every spelling, over and over."""
    spellings = (
        lambda card: card,
        lambda card: f"{card[:4]} {card[4:8]} {card[8:12]} {card[12:]}",
        lambda card: f"card {card[:4]}-{card[4:8]}-{card[8:12]}-{card[12:]}, 12/34",
        lambda card: "".join(chr(0xFF10 + int(digit)) for digit in card),
    )
    return cycle([spell(card) for spell in spellings for card in CARDS])


def holds_a_card(text: str) -> bool:
    digits = DIGITS.sub("", unicodedata.normalize("NFKC", text))
    return any(card in digits for card in CARDS)


def rows_that_hold_a_card() -> list[str]:
    """Search every row of every table, as its owner, and every session as its reader."""
    found = []
    with _owner() as owner:
        names = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        for (table,) in owner.execute(names).fetchall():
            columns = owner.execute(f"SELECT row_to_json(t)::text FROM {table} t".encode())
            for (row,) in columns:
                values = json.loads(row).values()
                found += [table for value in values if holds_a_card(json.dumps(value))]
    return found + [
        "session" for one in Session.objects.all() if holds_a_card(str(one.get_decoded()))
    ]


class Door:
    """One way in, and everybody's answers to what came through it."""

    def __init__(self) -> None:
        self.cards = disguises()
        self.answers: list[Any] = []

    def tries(self, fields: Iterable[str], whole: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give a good request with a card number in one field at a time, then one more field."""
        for name in fields:
            yield {**whole, name: next(self.cards)}
            yield {**whole, name: int(CARDS[2])}
        yield {**whole, next(self.cards): next(self.cards)}

    def noted(self, answer: Any) -> None:
        self.answers.append(answer)


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.handler.setFormatter(JsonFormatter())
    caplog.set_level(logging.DEBUG)
    return caplog


def assert_no_card_is_kept(door: Door, heard: pytest.LogCaptureFixture) -> None:
    assert len(door.answers) > 1
    telling = [one for one in door.answers if holds_a_card(one.content.decode())]
    assert [one.request["PATH_INFO"] for one in telling] == []
    assert rows_that_hold_a_card() == []
    assert [line for line in heard.text.splitlines() if holds_a_card(line)] == []


def typed_into(form: Any) -> list[str]:
    """Name the fields that take what somebody types: no choices, no hidden ones."""
    return [
        name
        for name, field in form.base_fields.items()
        if type(field) is forms.CharField and not field.widget.is_hidden
    ]


def owing() -> tuple[Desk, Capture]:
    desk = Desk(supervisor())
    return desk, paid_capture(customer=desk.customer)


def test_the_search_for_cards_would_find_one(heard: pytest.LogCaptureFixture) -> None:
    desk, _ = owing()
    with _owner() as owner:
        owner.execute("UPDATE crm_customer SET note = %s", [f"pays with {CARDS[0]}"])
    logging.getLogger("test").info("nothing")

    assert rows_that_hold_a_card() == ["crm_customer"]
    assert holds_a_card(next(disguises()))
    assert desk.customer.note == ""


def test_no_column_is_made_for_a_card_number_or_its_code() -> None:
    names = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if re.search(r"(^|_)(pan|cvv|cvc|card_?number|security_code)($|_)", field.name)
    }

    assert names == set()


def test_no_field_of_the_api_keeps_a_card(heard: pytest.LogCaptureFixture) -> None:
    desk, capture = owing()
    _key, token = issue_key(
        name="canary",
        owner=finance(),
        permissions=list(policy.Permission),
        role="finance",
    )
    door, client = Door(), Client(raise_request_exception=False)
    line = {"description": "Visit", "unit_price": 100, "vat_bp": 2550}
    customer = {"customer": desk.customer.public_id, "currency": "EUR"}
    intent = {"payment_intent": capture.attempt.intent.public_id}
    doors: list[tuple[str, str, Any, dict[str, Any]]] = [
        ("post", "customers", CustomerInput, {"name": "Aino"}),
        ("patch", f"customers/{desk.customer.public_id}", CustomerChanges, {}),
        ("post", "orders", OrderInput, {**customer, "lines": [line]}),
        ("post", "invoices", InvoiceInput, {**customer, "lines": [line], "due_on": "2099-01-01"}),
        ("post", "payment-intents", PaymentIntentInput, {**customer, "amount": 5}),
        ("post", "checkout-sessions", CheckoutSessionInput, intent),
        ("post", f"payment-intents/{intent['payment_intent']}/capture", CaptureInput, {}),
        ("post", "refunds", RefundInput, {**intent, "amount": 5, "reason": "late"}),
        ("post", "tasks", TaskInput, {"kind": "call_back", "due_at": "2099-01-01T09:00:00Z"}),
        ("post", "message-deliveries", DeliveryInput, {"status": "sent"}),
    ]

    def send(method: str, path: str, body: Any, **headers: str) -> None:
        sent = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid.uuid4().hex, **headers}
        call = getattr(client, method)
        door.noted(
            call(f"/api/v1/{path}", json.dumps(body), content_type="application/json", headers=sent)
        )

    for method, path, serializer, whole in doors:
        for body in door.tries(serializer().get_fields(), whole):
            send(method, path, body)
        if "lines" in whole:
            for changed in door.tries(LineInput().get_fields(), line):
                send(method, path, {**whole, "lines": [changed]})
    for card in CARDS:
        send("post", "customers", {"name": "Eino"}, **{"Idempotency-Key": card})
        send("post", "customers", {"name": "Eino"}, **{"X-Request-ID": card})
        door.noted(client.get("/api/v1/invoices", {"number": card, card: card}))
        door.noted(client.get(f"/api/v1/customers/{card}"))

    assert {200, 201, 422} <= {answer.status_code for answer in door.answers}
    assert_no_card_is_kept(door, heard)


def test_no_field_of_the_desk_keeps_a_card(heard: pytest.LogCaptureFixture) -> None:
    desk, capture = owing()
    desk.client.raise_request_exception = False
    intent, customer = desk.sent(), desk.customer.public_id
    paid = capture.attempt.intent.public_id
    new = {"name": "Aino", "kind": "person", "language": "fi", "operation": make_public_id("cus")}
    refund = {"capture": capture.public_id, "amount": "5", "reason": "late"}
    task = {"operation": make_public_id("task"), "kind": "call_back", "due_at": "2099-01-01 09:00"}
    doors: list[tuple[str, Any, dict[str, Any]]] = [
        ("/customers/new/", NewCustomerForm, new),
        (f"/customers/{customer}/edit/", NewCustomerForm, new),
        (f"/customers/{customer}/note/", NoteForm, {}),
        (f"/customers/{customer}/contacts/", ContactPointForm, {"kind": "phone", "value": "x"}),
        (f"/customers/{customer}/pay/send/", PaymentForm, desk.fields()),
        (f"/customers/{customer}/pay/refresh/", PaymentForm, desk.fields()),
        (f"/payments/{intent.public_id}/other/", DestinationForm, {}),
        (f"/payments/{paid}/refund/", RefundForm, refund),
        (f"/customers/{customer}/merge/", NoteForm, {"term": CARDS[0]}),
        (f"/customers/{customer}/tasks/new/", TaskForm, task),
        ("/search/", NoteForm, {"act": f"l Send to {CARDS[3]}"}),
        ("/search/", NoteForm, {"term": CARDS[1], "q": CARDS[1]}),
        ("/accounts/login/", NoteForm, {"login": CARDS[2], "password": CARDS[3]}),
    ]
    door = Door()

    for address, form, whole in doors:
        for fields in door.tries(typed_into(form), {"operation": make_public_id("op"), **whole}):
            door.noted(desk.client.post(address, fields))
            door.noted(desk.client.post(address, fields, headers=HTMX))
    for address in ("/search/", "/payments/", "/payments/review/", "/reports/money/"):
        desk.client.get(address, {"page": CARDS[0], "status": CARDS[1], "since": CARDS[2]})

    assert {200, 302, 422} <= {answer.status_code for answer in door.answers}
    assert_no_card_is_kept(door, heard)


def test_no_form_of_the_customers_page_keeps_a_card(heard: pytest.LogCaptureFixture) -> None:
    _, capture = owing()
    session = capture.attempt.session
    assert session is not None
    address = links.address_of(session).partition("8000")[2]
    door, client = Door(), Client(raise_request_exception=False)

    for field in ("method", "keep", "card", "number"):
        for card in CARDS:
            door.noted(client.post(f"{address}method/", {field: card}))
            door.noted(client.get(address, {"lang": card, "back": card}))

    assert_no_card_is_kept(door, heard)


def test_a_card_in_a_signed_delivery_lies_encrypted_only(
    heard: pytest.LogCaptureFixture, sandbox: SandboxServer
) -> None:
    _, capture = owing()
    account = capture.attempt.account
    secret = account.credentials["webhook_secret"]
    door, client = Door(), Client()
    for card in CARDS:
        body = json.dumps({"id": "evt", "payment": "pay", "type": "paid", "note": card}).encode()
        headers = {"sandbox-signature": sign(body, secret, int(time.time())), "x-note": card}
        door.noted(
            client.post(
                f"/webhooks/{account.public_id}/",
                body,
                content_type="application/json",
                headers=headers,
            )
        )

    webhooks.drain()

    assert {answer.status_code for answer in door.answers} == {200}
    assert WebhookEvent.objects.exists()
    assert_no_card_is_kept(door, heard)


def test_a_mistake_of_ours_tells_the_log_no_card(heard: pytest.LogCaptureFixture) -> None:
    desk, _ = owing()
    desk.client.raise_request_exception = False
    door = Door()

    with table_that_refuses("core_auditevent"):
        for card in CARDS:
            note = {"note": f"pays with {card}"}
            address = f"/customers/{desk.customer.public_id}/note/"
            door.noted(desk.client.post(address, note))

    assert {answer.status_code for answer in door.answers} == {500}
    assert_no_card_is_kept(door, heard)
