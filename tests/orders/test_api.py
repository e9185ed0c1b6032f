from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from core import policy
from core.api import issue_key
from core.jobs import business_date
from core.money import Money
from crm.models import Customer
from orders.models import CreditNote, Invoice, Order, Product
from orders.services.allocate import record_payment
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory, OrderFactory, ProductFactory
from tests.orders.selling import counted, stock_of

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries
    from rest_framework.response import Response

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.orders.urls")]

LINES = [
    {"description": "Fibre 100", "quantity": 2, "unit_price": 3_990, "vat_bp": 2550},
    {"description": "Visit", "quantity": 1, "unit_price": 5_700, "vat_bp": 1400},
]


class Api:
    """A client with a key that may do exactly what it is told."""

    def __init__(self, *permissions: policy.Permission) -> None:
        _key, token = issue_key(
            name="shop", owner=UserFactory.create(), permissions=list(permissions)
        )
        self.client = APIClient(headers={"Authorization": f"Bearer {token}"})

    def get(self, path: str, **query: Any) -> Response:
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, data: Any, key: str = "") -> Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"/api/v1/{path}", data, format="json", headers=headers)


@pytest.fixture
def api() -> Api:
    return Api(policy.VIEW_ORDER, policy.EDIT_ORDER)


def order_data(customer: Customer, **changes: Any) -> dict[str, Any]:
    return {"customer": customer.public_id, "currency": "EUR", "lines": LINES, **changes}


def in_two_weeks() -> str:
    return (business_date() + dt.timedelta(days=14)).isoformat()


def test_an_order_is_placed_once_per_key(api: Api) -> None:
    data = order_data(CustomerFactory.create())

    first = api.post("orders", data, key="k1")
    again = api.post("orders", data, key="k1")

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.data == again.data
    assert first.data["total"] == {"amount": 13_680, "currency": "EUR"}
    assert first.data["lines"][0]["vat"] == 1_621
    assert Order.objects.count() == 1


def test_a_post_without_a_key_is_refused(api: Api) -> None:
    response = api.post("orders", order_data(CustomerFactory.create()))

    assert response.status_code == 400
    assert not Order.objects.exists()


def test_the_same_key_with_another_body_is_refused(api: Api) -> None:
    customer = CustomerFactory.create()
    api.post("orders", order_data(customer), key="k1")

    response = api.post("orders", order_data(customer, currency="SEK"), key="k1")

    assert response.status_code == 422
    assert Order.objects.count() == 1


def test_a_product_fills_in_its_line(api: Api) -> None:
    product = ProductFactory.create(name="Router", unit_price=12_900)
    lines = [{"product": product.public_id, "quantity": 2}]

    response = api.post("orders", order_data(CustomerFactory.create(), lines=lines), key="k1")

    assert response.data["lines"][0]["description"] == "Router"
    assert response.data["total"]["amount"] == 25_800


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"lines": []}, "#/lines"),
        ({"lines": [{"quantity": 1}]}, "#/lines/0"),
        ({"lines": [{"product": "prd_unknown"}]}, "#/lines"),
        ({"lines": [{**LINES[0], "product": "prd_x"}]}, "#/lines/0"),
        ({"lines": [{**LINES[0], "quantity": 0}]}, "#/lines"),
        ({"lines": [{**LINES[0], "unit_price": -1}]}, "#/lines"),
        ({"lines": [{**LINES[0], "unit_price": 1.5}]}, "#/lines/0/unit_price"),
        ({"currency": "EUX"}, "#/currency"),
        ({"currency": None}, "#/currency"),
    ],
)
def test_bad_input_is_named_and_makes_nothing(
    api: Api, change: dict[str, Any], pointer: str
) -> None:
    response = api.post("orders", order_data(CustomerFactory.create(), **change), key="k1")

    assert response.status_code == 422
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert response.data["errors"][0]["pointer"] == pointer
    assert not Order.objects.exists()


def test_a_refused_request_leaves_its_key_free(api: Api) -> None:
    customer = CustomerFactory.create()
    api.post("orders", order_data(customer, currency="EUX"), key="k1")

    assert api.post("orders", order_data(customer), key="k1").status_code == 201


def test_an_unknown_customer_is_not_found(api: Api) -> None:
    data = {"customer": "cus_nobody", "currency": "EUR", "lines": LINES}

    assert api.post("orders", data, key="k1").status_code == 404
    assert not Order.objects.exists()


def test_an_order_is_invoiced(api: Api) -> None:
    order = OrderFactory.create(total=10_000)

    response = api.post("invoices", {"order": order.public_id, "due_on": in_two_weeks()}, key="k1")

    invoice = Invoice.objects.get()
    assert response.status_code == 201
    assert response.data["id"] == invoice.public_id
    assert response.data["order"] == order.public_id
    assert response.data["open"] == {"amount": 10_000, "currency": "EUR"}
    assert response.data["pdf"].endswith(f"/api/v1/invoices/{invoice.public_id}/pdf")
    assert api.get(f"orders/{order.public_id}").data["invoices"] == [invoice.public_id]


def test_an_invoice_needs_no_order(api: Api) -> None:
    data = order_data(CustomerFactory.create(), due_on=in_two_weeks(), description="Repair")

    response = api.post("invoices", data, key="k1")

    assert response.status_code == 201
    assert response.data["order"] is None
    assert response.data["description"] == "Repair"
    assert sum(part["net"] + part["vat"] for part in response.data["parts"]) == 13_680


def test_an_invoice_comes_from_an_order_or_from_lines_but_not_both(api: Api) -> None:
    order = OrderFactory.create()
    both = {**order_data(order.customer), "order": order.public_id, "due_on": in_two_weeks()}

    assert api.post("invoices", both, key="k1").status_code == 422
    assert api.post("invoices", {"due_on": in_two_weeks()}, key="k2").status_code == 422
    assert not Invoice.objects.exists()


def test_an_order_is_cancelled_and_a_paid_one_is_not(api: Api) -> None:
    free = OrderFactory.create()
    paid = OrderFactory.create(status=Order.Status.CLOSED)
    invoice = InvoiceFactory.create(order=paid, customer=paid.customer)
    record_payment(invoices=[(invoice.pk, Money(1, "EUR"))], source_id="cap_1", cause="c1")

    assert api.post(f"orders/{free.public_id}/cancel", {}).data["status"] == "canceled"
    refused = api.post(f"orders/{paid.public_id}/cancel", {})

    paid.refresh_from_db()
    assert (refused.status_code, refused.data["code"]) == (409, "order_has_money")
    assert paid.status == Order.Status.CLOSED
    assert not CreditNote.objects.exists()


def test_each_door_asks_for_its_permission() -> None:
    order = OrderFactory.create()
    stranger, reader = Api(policy.VIEW_CUSTOMER), Api(policy.VIEW_ORDER)

    for path in ("orders", "invoices", "products", f"orders/{order.public_id}"):
        assert stranger.get(path).status_code == 403
        assert reader.get(path).status_code == 200
    for path in ("orders", "invoices", f"orders/{order.public_id}/cancel"):
        assert reader.post(path, order_data(order.customer), key="k1").status_code == 403
    assert APIClient().get("/api/v1/orders").status_code == 401
    assert Order.objects.get().status == Order.Status.OPEN


def test_invoices_are_found_by_status(api: Api) -> None:
    today = business_date()
    late = InvoiceFactory.create(due_on=today - dt.timedelta(days=1))
    due = InvoiceFactory.create(due_on=today)
    paid = InvoiceFactory.create()
    record_payment(invoices=[(paid.pk, paid.total_money)], source_id="cap_1", cause="c1")

    def found(*statuses: str) -> set[str]:
        rows = api.get("invoices", status=list(statuses)).data["results"]
        return {row["number"] for row in rows}

    assert found("overdue") == {late.number}
    assert found("open") == {due.number}
    assert found("paid") == {paid.number}
    assert found("open", "overdue") == {late.number, due.number}
    assert found("credited") == set()


def test_invoices_are_found_by_number_reference_customer_and_days(api: Api) -> None:
    invoice, other = InvoiceFactory.create_batch(2)
    other.due_on += dt.timedelta(days=30)
    other.save()

    def found(**query: str) -> list[str]:
        return [row["number"] for row in api.get("invoices", **query).data["results"]]

    assert found(number=invoice.number) == [invoice.number]
    assert found(reference=f"00{invoice.reference}") == [invoice.number]
    assert found(reference=invoice.rf_reference.lower()) == [invoice.number]
    assert found(customer=invoice.customer.public_id) == [invoice.number]
    assert found(due_on__lte=invoice.due_on.isoformat()) == [invoice.number]
    assert found(due_on__gte=other.due_on.isoformat()) == [other.number]
    assert found(created_at__gte="2099-01-01T00:00:00Z") == []
    assert found(customer="cus_nobody") == []


def test_a_customer_who_was_merged_away_stands_for_the_one_it_became(api: Api) -> None:
    invoice = InvoiceFactory.create()
    source = CustomerFactory.create(merged_into=invoice.customer)

    rows = api.get("invoices", customer=source.public_id).data["results"]

    assert [row["number"] for row in rows] == [invoice.number]


def test_a_reference_with_wrong_check_digits_is_refused(api: Api) -> None:
    response = api.get("invoices", reference="1234562")

    assert response.status_code == 422
    assert response.data["errors"][0]["parameter"] == "reference"


@pytest.mark.parametrize("path", ["orders", "invoices"])
def test_a_page_takes_as_few_statements_however_many_rows(
    api: Api, path: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    factory = OrderFactory if path == "orders" else InvoiceFactory
    factory.create_batch(12)
    api.get(path)

    with django_assert_max_num_queries(5):
        page = api.get(path, limit=10).data

    assert len(page["results"]) == 10
    assert len(api.client.get(page["next"]).data["results"]) == 2


def test_the_pdf_is_served(api: Api) -> None:
    invoice = InvoiceFactory.create()

    response = api.client.get(f"/api/v1/invoices/{invoice.public_id}/pdf", format="pdf")
    missing = api.get("invoices/inv_nobody/pdf")

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    assert missing.status_code == 404


def test_products_are_listed(api: Api) -> None:
    product = ProductFactory.create(unit_price=1_990)
    ProductFactory.create(is_active=False)

    rows = api.get("products", is_active="true").data["results"]

    assert [(row["id"], row["price"]["amount"]) for row in rows] == [(product.public_id, 1_990)]
    assert rows[0]["available"] is None


def sold(product: Product, quantity: int) -> dict[str, Any]:
    lines = [{"product": product.public_id, "quantity": quantity}]
    return order_data(CustomerFactory.create(), lines=lines)


def test_an_order_says_what_it_holds_and_the_product_what_is_left(api: Api) -> None:
    product = counted(5)

    placed = api.post("orders", sold(product, 2), key="k1")
    again = api.post("orders", sold(product, 2), key="k2")

    assert (placed.status_code, again.status_code) == (201, 201)
    (hold,) = placed.data["stock"]
    assert (hold["product"], hold["quantity"], hold["status"]) == (product.public_id, 2, "held")
    assert api.get("products").data["results"][0]["available"] == 1


def test_more_than_is_there_is_refused_with_what_is_left(api: Api) -> None:
    product = counted(5)
    api.post("orders", sold(product, 2), key="k1")

    refused = api.post("orders", sold(product, 4), key="k2")

    assert (refused.status_code, refused.data["code"]) == (409, "out_of_stock")
    assert refused.data["detail"] == "Only 3 of Router can be ordered just now."
    assert Order.objects.count() == 1
    assert stock_of(product) == (5, 2)
