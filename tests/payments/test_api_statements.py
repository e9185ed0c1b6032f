"""How many statements the database is asked for an answer, and that lists keep to it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import policy
from tests.api import Api
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory, OrderFactory, ProductFactory
from tests.factories.payments import CheckoutSessionFactory, PaymentIntentFactory, paid_capture

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ")
MANY = 50


class Counted(CaptureQueriesContext):
    """Counts what asks for data: transactions begin and end without being counted."""

    def __init__(self) -> None:
        super().__init__(connection)

    @property
    def statements(self) -> list[str]:
        texts = [query["sql"].strip() for query in self.captured_queries]
        return [text for text in texts if not text.upper().startswith(OF_TRANSACTIONS)]


@pytest.fixture
def api() -> Api:
    """A key that was used within this minute, as a busy one always was."""
    api = Api(*policy.Permission)
    api.get("products")
    return api


def wanted(*invoices: Any) -> dict[str, Any]:
    return {
        "customer": invoices[0].customer.public_id,
        "amount": sum(invoice.total for invoice in invoices),
        "currency": "EUR",
        "invoices": [invoice.public_id for invoice in invoices],
    }


def test_asking_for_a_payment_takes_eight_statements_at_most(api: Api) -> None:
    customer = CustomerFactory.create()
    for count in (1, 10):
        invoices = InvoiceFactory.create_batch(count, customer=customer)
        with Counted() as counted:
            assert api.post("payment-intents", wanted(*invoices)).status_code == 201

        assert len(counted.statements) <= 8, "\n".join(counted.statements)


def test_the_first_use_in_a_minute_is_within_it_too() -> None:
    api = Api(*policy.Permission)
    body = wanted(InvoiceFactory.create())

    with Counted() as counted:
        assert api.post("payment-intents", body).status_code == 201

    assert len(counted.statements) <= 8


def test_a_repeat_takes_four_statements(api: Api) -> None:
    body = wanted(InvoiceFactory.create())
    api.post("payment-intents", body, key="k1")

    with Counted() as counted:
        assert api.post("payment-intents", body, key="k1").status_code == 200

    assert len(counted.statements) <= 4


def test_a_refund_takes_as_many_statements_however_often_it_is_asked_for(api: Api) -> None:
    capture = paid_capture(amount=10_000)
    body = {"payment_intent": capture.attempt.intent.public_id, "amount": 1, "reason": "late"}
    counts = []

    for _ in range(4):
        with Counted() as counted:
            assert api.post("refunds", body).status_code == 202
        counts.append(len(counted.statements))

    assert len(set(counts[1:])) == 1
    assert max(counts) <= 24, counts


def products() -> None:
    ProductFactory.create()


def orders() -> None:
    OrderFactory.create()


def invoices() -> None:
    InvoiceFactory.create()


def customers() -> None:
    CustomerFactory.create(email=f"{CustomerFactory.create().public_id}@example.com")


def intents() -> None:
    PaymentIntentFactory.create(order=OrderFactory.create())


def sessions() -> None:
    CheckoutSessionFactory.create()


def refunds() -> None:
    api = Api(*policy.Permission)
    capture = paid_capture()
    body = {"payment_intent": capture.attempt.intent.public_id, "amount": 1, "reason": "late"}
    assert api.post("refunds", body).status_code == 202


LISTS = [
    ("products", products),
    ("orders", orders),
    ("invoices", invoices),
    ("customers", customers),
    ("payment-intents", intents),
    ("checkout-sessions", sessions),
    ("refunds", refunds),
    ("events", refunds),
]


@pytest.mark.parametrize(("path", "make"), LISTS)
def test_a_list_takes_as_many_statements_with_one_row_as_with_fifty(
    api: Api, path: str, make: Callable[[], None]
) -> None:
    make()
    with Counted() as one_row:
        assert len(api.get(path).data["results"]) >= 1
    for _ in range(MANY if path not in {"refunds", "events"} else 12):
        make()

    with Counted() as many_rows:
        rows = api.get(path).data["results"]

    assert len(rows) >= 12
    assert len(many_rows.statements) == len(one_row.statements) <= 4


@pytest.mark.parametrize(("path", "make"), LISTS)
def test_pages_follow_each_other_while_rows_are_added(
    api: Api, path: str, make: Callable[[], None]
) -> None:
    for _ in range(5):
        make()
    expected = [row["id"] for row in api.get(path, limit=200).data["results"]]
    seen: list[Any] = []
    page = api.get(path, limit=2).data
    while True:
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        make()
        page = api.client.get(page["next"]).json()

    assert seen == expected
    before = api.client.get(page["previous"]).json()["results"]
    assert [row["id"] for row in before] == seen[-len(page["results"]) - 2 : -len(page["results"])]


def test_a_list_is_narrowed_by_its_own_words(api: Api) -> None:
    capture = paid_capture()
    intent = capture.attempt.intent
    open_one = PaymentIntentFactory.create()

    def found(path: str, **query: Any) -> set[str]:
        return {row["id"] for row in api.get(path, **query).data["results"]}

    later = (intent.created_at + dt.timedelta(days=1)).isoformat()
    assert found("payment-intents", status="succeeded") == {intent.public_id}
    assert found("payment-intents", status=["succeeded", "requires_payment_method"]) == {
        intent.public_id,
        open_one.public_id,
    }
    assert found("payment-intents", customer=intent.customer.public_id) == {intent.public_id}
    assert found("payment-intents", needs_review="true") == set()
    assert found("payment-intents", created_at__gte=later) == set()
    assert found("checkout-sessions", payment_intent=open_one.public_id) == set()
    assert found("checkout-sessions", payment_intent=intent.public_id, status="paid")
    assert found("refunds", payment_intent=intent.public_id) == set()
    assert api.get("payment-intents", status="stolen").status_code == 422
    assert api.get("payment-intents", limit="many").json()["errors"][0]["parameter"] == "limit"
    assert api.get("payment-intents", cursor="x").json()["errors"][0]["parameter"] == "cursor"
