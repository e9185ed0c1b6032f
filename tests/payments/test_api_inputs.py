"""Whatever is sent, to whichever operation: a refusal that is described, never a failure."""

from __future__ import annotations

import json
from itertools import batched
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.conf import settings as project
from django.utils import timezone

from core import openapi, policy
from core.ids import make_public_id
from core.jobs import business_date
from core.json_body import LARGEST_BODY
from core.models import AuditEvent
from core.serializers import MOST_UNKNOWN_NAMED
from crm.models import Task
from crm.services.tasks import make_task
from orders.models import Invoice
from orders.services.plans import Planned, make_plan
from orders.services.promises import Promised, make_promise
from tests.api import PREFIX, Api
from tests.factories.core import agent
from tests.factories.orders import InvoiceFactory, OrderFactory, ProductFactory
from tests.factories.pay_links import open_link
from tests.factories.payments import paid_capture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crm.models import Customer
    from orders.models import InstalmentPlan, PromiseToPay

pytestmark = pytest.mark.django_db

NAMES = {
    operation["operationId"]: (method, path)
    for path, operations in openapi.document()["paths"].items()
    for method, operation in operations.items()
}
READING = [name for name, (method, _) in NAMES.items() if method == "get"]
WRITING = [name for name in NAMES if name not in READING]
OF_A_KEY = [name for name in WRITING if name != "create_message_delivery"]
LISTS = [name for name in READING if name.startswith("list_")]

ODD_VALUES: list[Any] = [
    None,
    True,
    -1,
    1.5,
    2**63,
    10**400,
    "",
    "0",
    "x" * 100_000,
    "nul\x00",
    "\ud800",
    "'; DROP TABLE payments_paymentintent; --",
    "%s %(x)s {x}",
    [[]],
    [None],
    ["x"] * 1_000,
    {},
    {"\ud800": "\ud800"},
]
BODIES = [
    b"",
    b"{",
    b"null",
    b"true",
    b"17",
    b'"text"',
    b"[]",
    b"[1]",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b'{"amount": NaN}',
    b'{"amount": Infinity}',
    b'{"amount": 1, "amount": 2}',
    b'{"amount": 1' + b"0" * 5_000 + b"}",
    b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    b"[" * 100_000,
    b"{}" + b" " * LARGEST_BODY,
    b"{}garbage",
]


class World:
    """One of everything, and a request to each operation that would be accepted."""

    def __init__(self) -> None:
        self.api = Api(*policy.Permission)
        session = open_link()
        invoice = Invoice.objects.earliest("pk")
        capture = paid_capture(customer=invoice.customer)
        named = {"customer": invoice.customer.public_id, "currency": "EUR"}
        intent = {"payment_intent": capture.attempt.intent.public_id}
        line = {"description": "Visit", "quantity": 1, "unit_price": 100, "vat_bp": 2550}
        self.ids = {
            "customer": invoice.customer.public_id,
            "order": OrderFactory.create().public_id,
            "invoice": invoice.public_id,
            "payment-intent": session.intent.public_id,
            "checkout-session": session.public_id,
            "refund": "re_nothing",
            "operation": "op_nothing",
            "decision": "dec_nothing",
            "surplus-move": "mov_nothing",
            "product": ProductFactory.create().public_id,
            "promise": _promise(invoice.customer).public_id,
            "instalment-plan": _plan(invoice.customer).public_id,
            "task": _task().public_id,
        }
        self.bodies: dict[str, dict[str, Any]] = {
            "create_customer": {"name": "Aino", "phones": ["040 123 4567"]},
            "update_customer": {"note": "x"},
            "create_order": {**named, "lines": [line]},
            "create_invoice": {**named, "lines": [line], "due_on": "2099-01-01"},
            "create_payment_intent": {**named, **_owed(invoice.customer)},
            "create_promise": {
                **named,
                **_owed(invoice.customer),
                "due_on": business_date().isoformat(),
            },
            "create_instalment_plan": {
                **named,
                **_owed(invoice.customer),
                "parts": 2,
                "first_on": business_date().isoformat(),
            },
            "create_task": {"kind": "call_back", "due_at": "2099-01-01T09:00:00Z", "text": "x"},
            "create_checkout_session": {"payment_intent": session.intent.public_id},
            "create_refund": {**intent, "amount": 5, "reason": "late"},
        }

    def path(self, name: str) -> str:
        _, path = NAMES[name]
        resource = path.removeprefix(PREFIX).partition("/")[0].removesuffix("s")
        return str(path.removeprefix(PREFIX)).replace("{public_id}", self.ids.get(resource, ""))

    def send(self, name: str, body: Any) -> Any:
        # Lone surrogates can be written in JSON, but not in UTF-8.
        return self.api.send(NAMES[name][0], self.path(name), json.dumps(body).encode())


@pytest.fixture
def world(settings: Any) -> World:
    settings.MESSAGE_GATEWAY_TOKEN = "token"
    return World()


def _owed(customer: Customer) -> dict[str, Any]:
    return {"amount": 100, "invoices": [InvoiceFactory.create(customer=customer).public_id]}


def _promise(customer: Customer) -> PromiseToPay:
    invoice = InvoiceFactory.create(customer=customer)
    said = Promised(customer, [invoice.pk], invoice.open_money, business_date())
    return make_promise(said, actor=agent())


def _plan(customer: Customer) -> InstalmentPlan:
    invoice = InvoiceFactory.create(customer=customer)
    planned = Planned(
        customer=customer,
        invoice_ids=[invoice.pk],
        amount=invoice.open_money,
        parts=2,
        first_on=business_date(),
    )
    return make_plan(planned, actor=agent())


def _task() -> Task:
    return make_task(kind=Task.Kind.CALL_BACK, due_at=timezone.now(), actor=agent())


def is_refused(answer: Any) -> bool:
    return bool(400 <= answer.status_code < 500 and answer.data["code"] and answer.data["detail"])


def members(name: str) -> Iterator[str]:
    method, path = NAMES[name]
    content = openapi.document()["paths"][path][method].get("requestBody", {}).get("content", {})
    for described in content.values():
        reference = described["schema"]["$ref"].rpartition("/")[2]
        yield from openapi.document()["components"]["schemas"][reference]["properties"]


@pytest.mark.parametrize("name", WRITING)
def test_no_value_in_any_field_makes_an_operation_fail(world: World, name: str) -> None:
    whole = world.bodies.get(name, {})

    for member in [*members(name), "unheard_of"]:
        for value in ODD_VALUES:
            answer = world.send(name, {**whole, member: value})
            assert answer.status_code < 500, (member, value)
            if member == "unheard_of":
                assert is_refused(answer)


@pytest.mark.parametrize("name", OF_A_KEY)
def test_no_column_that_nobody_offered_is_written(world: World, name: str) -> None:
    columns = {field.name for model in apps.get_models() for field in model._meta.concrete_fields}
    whole = world.bodies.get(name, {})

    for some in batched(sorted(columns - set(members(name))), MOST_UNKNOWN_NAMED):
        answer = world.send(name, {**whole, **dict.fromkeys(some, 1)})

        assert is_refused(answer)
        assert {(f"#/{column}", "unknown_field") for column in some} <= {
            (one["pointer"], one["code"]) for one in answer.data["errors"]
        }


@pytest.mark.parametrize("name", ["create_order", "create_invoice"])
def test_no_value_in_any_line_makes_an_operation_fail(world: World, name: str) -> None:
    whole = world.bodies[name]
    (line,) = whole["lines"]

    for member in [*line, "product", "unheard_of"]:
        for value in ODD_VALUES:
            answer = world.send(name, {**whole, "lines": [{**line, member: value}]})
            assert answer.status_code < 500, (member, value)
    dearest = {**line, "unit_price": 10**12}
    assert world.send(name, {**whole, "lines": [dearest] * 500}).status_code < 500
    assert is_refused(world.send(name, {**whole, "lines": [line] * 501}))
    assert is_refused(world.send(name, {**whole, "lines": [{**dearest, "quantity": 10**6}]}))


@pytest.mark.parametrize("name", WRITING)
def test_no_body_makes_an_operation_fail_and_garbage_writes_nothing(
    world: World, name: str
) -> None:
    before = AuditEvent.objects.count()

    for body in BODIES:
        answer = world.api.send(NAMES[name][0], world.path(name), body)
        if body:
            assert is_refused(answer), body[:40]
        assert answer.status_code < 500

    if world.bodies.get(name):
        assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("content_type", ["text/plain", "multipart/form-data; boundary=x", ""])
@pytest.mark.parametrize("name", ["create_payment_intent", "update_customer"])
def test_other_kinds_of_body_are_refused(world: World, name: str, content_type: str) -> None:
    method, _ = NAMES[name]

    answer = world.api.send(method, world.path(name), b"{}", content_type=content_type)

    assert (answer.status_code, answer.data["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("name", LISTS)
def test_no_parameter_makes_a_list_fail(world: World, name: str) -> None:
    method, path = NAMES[name]
    described = openapi.document()["paths"][path][method]["parameters"]

    for parameter in described:
        for value in ODD_VALUES:
            if isinstance(value, str) and value.isprintable():
                answer = world.api.get(world.path(name), **{parameter["name"]: value[:4_000]})
                assert answer.status_code < 500, (parameter["name"], value)
        for text in ("nul\x00", "9" * 30, "cD1hYmM=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk=", "²"):
            assert world.api.get(world.path(name), **{parameter["name"]: text}).status_code < 500


@pytest.mark.parametrize("name", READING)
def test_a_parameter_that_is_not_there_is_refused_and_named(world: World, name: str) -> None:
    answer = world.api.get(world.path(name), custommer="cus_1")

    if name == "retrieve_refund":
        assert answer.status_code in {404, 422}
        return
    assert answer.status_code == 422
    assert [(one["parameter"], one["code"]) for one in answer.json()["errors"]] == [
        ("custommer", "unknown_parameter")
    ]


@pytest.mark.parametrize("name", WRITING)
def test_nobody_writes_with_parameters_in_the_address(world: World, name: str) -> None:
    if name == "create_message_delivery":
        return
    method, _ = NAMES[name]

    answer = world.api.send(method, f"{world.path(name)}?amount=1", json.dumps({}))

    assert (answer.status_code, answer.data["errors"][0]["parameter"]) == (422, "amount")


@pytest.mark.parametrize(
    "ending", ["%00", "x", "cus_1%00", "CUS_1", "cus_" + "1" * 200, "..%2f..", "cus_1/x/y", " "]
)
def test_an_address_that_is_none_is_a_problem(world: World, ending: str) -> None:
    for resource in ("customers", "orders", "invoices", "payment-intents", "checkout-sessions"):
        answer = world.api.client.get(f"{PREFIX}{resource}/{ending}")

        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "not_found"


def test_other_methods_are_refused_as_problems(world: World) -> None:
    for method in ("put", "delete", "options", "trace"):
        answer = getattr(world.api.client, method)(f"{PREFIX}payment-intents")

        assert answer.status_code == 405
        assert answer.json()["code"] == "method_not_allowed"
        assert set(answer.headers["Allow"].split(", ")) >= {"GET", "POST"}


@pytest.mark.parametrize("header", ["", "Basic eDp5", "Bearer", "Bearer x", "bearer kui_\x7f_y"])
def test_without_a_key_nothing_is_told(world: World, header: str) -> None:
    for name, (method, _) in NAMES.items():
        if name == "create_message_delivery":
            continue
        client = type(world.api.client)(headers={"Authorization": header} if header else {})
        answer = client.generic(method.upper(), PREFIX + world.path(name))
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("key", ["x" * 256, "tab\t", "ä", "  "])
def test_a_strange_idempotency_key_is_no_key(world: World, key: str) -> None:
    answer = world.api.post("payment-intents", world.bodies["create_payment_intent"], key=key)

    assert answer.status_code in ({201} if key == "  " else {400})


def test_what_is_wrong_with_several_fields_is_told_at_once(world: World) -> None:
    answer = world.api.post("payment-intents", {"amount": "1", "order": 7, "unheard": 1, "~/": 1})

    assert {(one["pointer"], one["code"]) for one in answer.data["errors"]} == {
        ("#/customer", "required"),
        ("#/currency", "required"),
        ("#/amount", "invalid"),
        ("#/order", "invalid"),
        ("#/unheard", "unknown_field"),
        ("#/~0~1", "unknown_field"),
    }


def test_a_mistake_of_ours_is_a_problem_that_tells_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.api.payment_intents.new_intent", lambda _: 1 // 0)
    client = world.api.client
    client.raise_request_exception = False

    answer = client.post(
        f"{PREFIX}payment-intents",
        world.bodies["create_payment_intent"],
        format="json",
        headers={"Idempotency-Key": make_public_id("k")},
    )

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "server_failed"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert "Division" not in answer.content.decode()


def test_a_host_that_is_not_ours_is_a_problem_too(world: World) -> None:
    assert "evil.example" not in project.ALLOWED_HOSTS

    answer = world.api.client.get(f"{PREFIX}customers", headers={"Host": "evil.example"})

    assert (answer.status_code, answer.json()["code"]) == (400, "request_refused")
