"""What the API says of its customers: a sentence and an example for each operation."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from drf_spectacular.utils import extend_schema, extend_schema_view

from core.openapi import IDEMPOTENCY_KEY, answered, asked, created
from crm.api.serializers import (
    CustomerChanges,
    CustomerInput,
    CustomerOutput,
    DeliveryInput,
    TaskInput,
    TaskOutput,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

CUSTOMER = {
    "id": "cus_01k9f3v7m2t8q4x6z0b1c5d9eh",
    "kind": "person",
    "name": "Aino Mäkinen",
    "business_id": "",
    "language": "fi",
    "note": "Rings in the evening.",
    "street": "Kauppakatu 12",
    "postal_code": "40100",
    "town": "Jyväskylä",
    "country": "FI",
    "preferred_channel": "sms",
    "preferred_method": "",
    "contact_points": [
        {
            "id": "cp_01k9f3v7m2t8q4x6z0b1c5d9ej",
            "kind": "phone",
            "value": "+358401234567",
            "label": "",
            "is_primary": True,
        }
    ],
    "external_ids": {"webshop": "77"},
    "created_at": "2026-11-02T09:15:00Z",
    "updated_at": "2026-11-02T09:15:00Z",
}
NEW_CUSTOMER = {
    "name": "Aino Mäkinen",
    "phones": ["040 123 4567"],
    "external_ids": {"webshop": "77"},
}

customers = extend_schema_view(
    get=extend_schema(
        summary="List customers",
        description="The newest first. Customers who were merged into another are left out.",
        examples=[answered("A customer", CUSTOMER)],
    ),
    post=extend_schema(
        summary="Make a customer",
        description="Card numbers in free text are masked; anywhere else they are refused.",
        parameters=[IDEMPOTENCY_KEY],
        request=CustomerInput,
        responses=created(CustomerOutput, HTTPStatus.CREATED),
        examples=[
            asked("A person with a phone", NEW_CUSTOMER),
            answered("The customer", CUSTOMER, HTTPStatus.CREATED),
        ],
    ),
)
customer = extend_schema_view(
    get=extend_schema(
        summary="Show a customer",
        description="An id that was merged away shows the customer it became.",
        responses=CustomerOutput,
        examples=[answered("The customer", CUSTOMER)],
    ),
    patch=extend_schema(
        summary="Change a customer",
        description=(
            "Changes what is given and leaves the rest. Phones, e-mails and external ids are"
            " added, never taken away. Safe to repeat."
        ),
        request=CustomerChanges,
        responses=CustomerOutput,
        examples=[
            asked("Another street", {"street": "Kauppakatu 12"}),
            answered("The customer", CUSTOMER),
        ],
    ),
)
deliveries = extend_schema_view(
    post=extend_schema(
        summary="Report what became of a message",
        description=(
            "For the message gateway, which proves itself with the token it was configured with."
            " Safe to repeat, in any order. Name the message by your id, by ours, or by both."
        ),
        auth=cast("Sequence[str]", [{"gatewayToken": []}]),  # it is typed for names alone
        request=DeliveryInput,
        responses={204: None},
        examples=[asked("A delivered message", {"id": "gw-1027", "status": "delivered"})],
    ),
)

NEW_TASK = {
    "kind": "call_back",
    "customer": "cus_01k9f3v7m2t8q4x6z0b1c5d9eh",
    "text": "Wants to know when the router comes.",
    "due_at": "2026-11-27T07:00:00Z",
}
TASK = {
    "id": "task_01k9f3v7m2t8q4x6z0b1c5d9ek",
    **NEW_TASK,
    "assigned_to": None,
    "cause": "",
    "done_at": None,
    "created_at": "2026-11-26T09:15:00Z",
}

tasks = extend_schema_view(
    get=extend_schema(
        summary="List tasks",
        description="The newest first, done or not.",
        examples=[answered("A task", TASK)],
    ),
    post=extend_schema(
        summary="Make a task",
        description="It is nobody's until somebody takes it. Card numbers in the text are masked.",
        parameters=[IDEMPOTENCY_KEY],
        request=TaskInput,
        responses=created(TaskOutput, HTTPStatus.CREATED),
        examples=[
            asked("A call-back", NEW_TASK),
            answered("The task", TASK, HTTPStatus.CREATED),
        ],
    ),
)
task_done = extend_schema_view(
    post=extend_schema(
        summary="Say that a task is done",
        description="Safe to repeat.",
        request=None,
        responses=TaskOutput,
        examples=[answered("The task", {**TASK, "done_at": "2026-11-27T07:12:00Z"})],
    ),
)

FEEDBACK = {
    "id": "fb_01k9f3v7m2t8q4x6z0b1c5d9em",
    "customer": "cus_01k9f3v7m2t8q4x6z0b1c5d9eh",
    "call": "call_01k9f3v7m2t8q4x6z0b1c5d9en",
    "agent": "aino",
    "withheld": "",
    "score": 4,
    "words": "Quick and friendly.",
    "answered_at": "2026-11-26T10:02:00Z",
    "expires_at": "2026-12-10T09:15:00Z",
    "created_at": "2026-11-26T09:15:00Z",
}

feedback = extend_schema_view(
    get=extend_schema(
        summary="List how calls went",
        description=(
            "The newest first: a row for each call after which the customer was asked, or was not,"
            " with the reason. Answers come later, and may change until `expires_at`."
        ),
        examples=[answered("An answer", FEEDBACK)],
    ),
)
