from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from core import policy
from core.api import issue_key
from core.models import AuditEvent
from crm.models import ContactPoint, Customer, OutgoingMessage, SearchKey
from crm.services import merging
from crm.services.customers import create_customer
from tests.factories.core import UserFactory, senior_agent
from tests.factories.crm import CustomerFactory, OutgoingMessageFactory

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries, Settings
    from rest_framework.response import Response

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.crm.urls")]

AINO = {
    "name": "Aino Mäkinen",
    "language": "sv",
    "phones": ["040 123 4567"],
    "emails": ["Aino@Example.com"],
    "external_ids": {"webshop": "77"},
}


class Api:
    """A client with a key that may do exactly what it is told."""

    def __init__(self, *permissions: policy.Permission) -> None:
        _key, token = issue_key(
            name="shop", owner=UserFactory.create(), permissions=list(permissions)
        )
        self.client = APIClient(headers={"Authorization": f"Bearer {token}"})

    def get(self, path: str, **query: Any) -> Response:
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, data: Any, key: str = "k1") -> Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"/api/v1/{path}", data, format="json", headers=headers)

    def patch(self, path: str, data: Any) -> Response:
        return self.client.patch(f"/api/v1/{path}", data, format="json")


@pytest.fixture
def api() -> Api:
    return Api(policy.VIEW_CUSTOMER, policy.EDIT_CUSTOMER)


def test_a_customer_is_made_once_per_key(api: Api) -> None:
    first = api.post("customers", AINO)
    again = api.post("customers", AINO)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.data == again.data
    assert first.data["name"] == "Aino Mäkinen"
    assert first.data["external_ids"] == {"webshop": "77"}
    assert [
        (point["kind"], point["value"], point["is_primary"])
        for point in first.data["contact_points"]
    ] == [("phone", "+358401234567", True), ("email", "aino@example.com", True)]
    assert Customer.objects.count() == 1
    assert AuditEvent.objects.get(action="customer.created").actor_kind == "api_key"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": " "}, "#/name"),
        ({"language": "de"}, "#/language"),
        ({"phones": ["12"]}, "#/phones"),
        ({"phones": ["4111 1111 1111 1111"]}, None),
        ({"emails": ["aino"]}, "#/emails"),
        ({"business_id": "1234567-8"}, "#/business_id"),
        ({"external_ids": {"Web Shop": "1"}}, "#/external_ids"),
        ({"external_ids": {"webshop": "4111111111111111"}}, "#/external_ids/webshop"),
        ({"preferred_method": "4111111111111111"}, "#/preferred_method"),
        ({"country": "Finland"}, "#/country"),
    ],
)
def test_what_cannot_be_accepted_is_named_and_makes_nothing(
    api: Api, changes: dict[str, Any], pointer: str | None
) -> None:
    answer = api.post("customers", AINO | changes)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "4111111111111111" not in answer.content.decode()
    if pointer:
        assert [error["pointer"] for error in answer.data["errors"]] == [pointer]
    assert not Customer.objects.exists()
    assert not SearchKey.objects.exists()


def test_a_card_number_in_a_name_or_note_is_stored_masked(api: Api) -> None:
    answer = api.post(
        "customers", AINO | {"name": "A 4111111111111111", "note": "4111111111111111"}
    )

    assert answer.status_code == 201
    assert (answer.data["name"], answer.data["note"]) == ("A ••••1111", "••••1111")


def test_an_external_id_of_another_customer_is_a_conflict(api: Api) -> None:
    create_customer(name="Other", external_ids={"webshop": "77"}, actor=senior_agent())

    answer = api.post("customers", AINO)

    assert (answer.status_code, answer.data["code"]) == (409, "external_id_taken")
    assert Customer.objects.count() == 1


def test_a_change_adds_contacts_and_leaves_the_rest(api: Api) -> None:
    customer = api.post("customers", AINO).data

    answer = api.patch(
        f"customers/{customer['id']}",
        {"note": "Rings twice", "phones": ["050 1112222"], "external_ids": {"billing": "b-1"}},
    )

    assert answer.status_code == 200
    assert (answer.data["note"], answer.data["language"]) == ("Rings twice", "sv")
    assert answer.data["external_ids"] == {"webshop": "77", "billing": "b-1"}
    assert len(answer.data["contact_points"]) == 3


def test_a_change_with_one_bad_value_changes_nothing(api: Api) -> None:
    customer = api.post("customers", AINO).data

    answer = api.patch(f"customers/{customer['id']}", {"note": "x", "phones": ["12"]})

    assert answer.status_code == 422
    assert api.get(f"customers/{customer['id']}").data == customer


@pytest.mark.parametrize(
    "query",
    [
        {"name": "mäk"},
        {"name": "Aino Mäkinen"},
        {"phone": "0401234567"},
        {"phone": "+358 40 1234567"},
        {"email": "AINO@example.com"},
        {"external_id": "webshop:77"},
        {"kind": "person", "name": "aino"},
    ],
)
def test_the_list_is_narrowed_by_what_is_known(api: Api, query: dict[str, str]) -> None:
    made = api.post("customers", AINO).data
    CustomerFactory.create(name="Pekka Virtanen", phone="+358409999999")

    answer = api.get("customers", **query)

    assert [customer["id"] for customer in answer.data["results"]] == [made["id"]]


def test_only_later_changes_are_listed(api: Api) -> None:
    CustomerFactory.create()
    made = api.post("customers", AINO).data

    answer = api.get("customers", updated_at__gte=made["updated_at"])

    assert [customer["id"] for customer in answer.data["results"]] == [made["id"]]


@pytest.mark.parametrize(
    "query", [{"phone": "12"}, {"email": "aino"}, {"external_id": "77"}, {"kind": "robot"}]
)
def test_a_filter_that_cannot_be_read_is_refused(api: Api, query: dict[str, str]) -> None:
    assert api.get("customers", **query).status_code == 422


def test_an_id_that_was_merged_away_leads_to_the_successor(api: Api) -> None:
    source, target = CustomerFactory.create(name="Old"), CustomerFactory.create(name="New")
    merging.merge_customers(source=source, target=target, actor=senior_agent())

    answer = api.get(f"customers/{source.public_id}")
    changed = api.patch(f"customers/{source.public_id}", {"note": "moved"})

    assert answer.data["id"] == changed.data["id"] == target.public_id
    assert changed.data["note"] == "moved"
    listed = [customer["id"] for customer in api.get("customers").data["results"]]
    assert listed == [target.public_id]


def test_reading_is_not_writing() -> None:
    reader = Api(policy.VIEW_CUSTOMER)
    customer = CustomerFactory.create()

    assert reader.get("customers").status_code == 200
    assert reader.post("customers", AINO).status_code == 403
    assert reader.patch(f"customers/{customer.public_id}", {"note": "x"}).status_code == 403
    assert Api(policy.EDIT_CUSTOMER).get("customers").status_code == 403
    assert APIClient().get("/api/v1/customers").status_code == 401
    assert reader.get("customers/cus_none").status_code == 404
    assert Customer.objects.get().note == ""


def test_a_page_costs_the_same_statements_however_many_it_shows(
    api: Api, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        CustomerFactory.create(phone=f"+3584012345{number:02}")

    # The key, its owner and its last use; customers, contact points, external ids.
    with django_assert_max_num_queries(5):
        answer = api.get("customers", limit=30)

    assert len(answer.data["results"]) == 30
    assert ContactPoint.objects.count() == 30


REPORT = {"id": "gw-1", "status": "delivered"}


def test_the_gateway_reports_a_delivery(settings: Settings) -> None:
    settings.MESSAGE_GATEWAY_TOKEN = "token"
    message = OutgoingMessageFactory.create(status="sent", gateway_reference="gw-1")
    gateway = APIClient(headers={"Authorization": "Bearer token"})

    for _ in range(2):
        answer = gateway.post("/api/v1/message-deliveries", REPORT, format="json")
        assert answer.status_code == 204

    message.refresh_from_db()
    assert message.status == "delivered"
    unknown = REPORT | {"id": "gw-2"}
    assert gateway.post("/api/v1/message-deliveries", unknown, format="json").status_code == 404


@pytest.mark.parametrize("token", ["", "token"])
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", "Bearer None"])
def test_nobody_else_reports_a_delivery(settings: Settings, token: str, header: str) -> None:
    settings.MESSAGE_GATEWAY_TOKEN = token
    OutgoingMessageFactory.create(status="sent", gateway_reference="gw-1")
    stranger = APIClient(headers={"Authorization": header} if header else {})

    answer = stranger.post("/api/v1/message-deliveries", REPORT, format="json")

    assert answer.status_code == 403
    assert OutgoingMessage.objects.get().status == "sent"
