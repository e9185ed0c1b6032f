"""Instalment plans over the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core import policy
from core.jobs import business_date
from crm.models import OutgoingMessage
from orders.models import InstalmentPlan
from payments.models import CheckoutSession
from tests.api import Api
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.pay_links import started
from tests.factories.payments import CheckoutSessionFactory, PaymentIntentFactory

if TYPE_CHECKING:
    from orders.models import Invoice

pytestmark = pytest.mark.django_db

PATH = "instalment-plans"


@pytest.fixture
def api() -> Api:
    return Api(policy.VIEW_ORDER, policy.ARRANGE_PAYMENT)


@pytest.fixture
def invoice() -> Invoice:
    customer = CustomerFactory.create(phone="+358401234567")
    made: Invoice = InvoiceFactory.create(customer=customer, total=10_000)
    return made


def body(invoice: Invoice, **changes: Any) -> dict[str, Any]:
    return {
        "customer": invoice.customer.public_id,
        "invoices": [invoice.public_id],
        "amount": 10_000,
        "currency": "EUR",
        "parts": 3,
        "first_on": business_date().isoformat(),
        **changes,
    }


def test_a_plan_is_made_once_for_a_key_and_its_first_part_is_asked_for(
    api: Api, invoice: Invoice
) -> None:
    first = api.post(PATH, body(invoice), key="k")
    again = api.post(PATH, body(invoice), key="k")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.data["id"] == again.data["id"]
    assert [part["amount"]["amount"] for part in first.data["instalments"]] == [3_334, 3_333, 3_333]
    assert [part["status"] for part in first.data["instalments"]] == ["asked", "due", "due"]
    assert first.data["instalments"][0]["payment_intent"].startswith("pi_")
    assert first.data["invoices"] == [invoice.public_id]
    assert InstalmentPlan.objects.count() == OutgoingMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parts": 1}, "parts_unusable"),
        ({"first_on": "2001-01-01"}, "first_day_unusable"),
        ({"first_on": "2099-01-01"}, "plan_too_long"),
        ({"amount": 10_001}, "more_than_open"),
    ],
)
def test_what_is_refused_changes_nothing(
    api: Api, invoice: Invoice, changes: dict[str, Any], code: str
) -> None:
    answer = api.post(PATH, body(invoice, **changes))

    assert (answer.status_code, answer.data["code"]) == (422, code)
    assert not InstalmentPlan.objects.exists()


def test_a_page_that_can_be_paid_is_replaced_only_where_that_is_meant(
    api: Api, invoice: Invoice
) -> None:
    intent = PaymentIntentFactory.create(customer=invoice.customer, amount=10_000)
    intent.items.create(invoice=invoice, amount=10_000)
    started(CheckoutSessionFactory.create(intent=intent))

    refused = api.post(PATH, body(invoice), key="a")
    meant = api.post(PATH, body(invoice, replace_open_page=True), key="b")

    assert (refused.status_code, refused.data["code"]) == (409, "link_still_payable")
    assert meant.status_code == 201
    assert InstalmentPlan.objects.count() == 1
    statuses = CheckoutSession.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["closing", "open"]


def test_plans_are_listed_shown_and_withdrawn(api: Api, invoice: Invoice) -> None:
    made = api.post(PATH, body(invoice)).data

    listed = api.get(PATH, customer=invoice.customer.public_id, status="active").data["results"]
    shown = api.get(f"{PATH}/{made['id']}").data
    gone = api.post(f"{PATH}/{made['id']}/withdraw", {}, key="").data

    assert listed == [shown] == [made]
    assert gone["status"] == "withdrawn"
    assert [part["status"] for part in gone["instalments"]] == ["dropped"] * 3
    assert api.get(PATH, status="active").data["results"] == []


def test_who_may_only_look_makes_none(invoice: Invoice) -> None:
    api = Api(policy.VIEW_ORDER)

    answer = api.post(PATH, body(invoice))

    assert answer.status_code == 403
    assert not InstalmentPlan.objects.exists()
