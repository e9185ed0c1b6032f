"""What the API says of instalment plans: a sentence and an example for each operation."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema, extend_schema_view

from core.openapi import IDEMPOTENCY_KEY, answered, asked, created
from core.serializers import Nothing
from payments.api.documented import CUSTOMER_ID, INTENT_ID, INVOICE_ID, euros
from payments.api.plan_serializers import PlanInput, PlanOutput

PLAN = {
    "id": "plan_01k9f42m6n8b0v2c4x5z7q9w1e",
    "customer": CUSTOMER_ID,
    "status": "active",
    "amount": euros(3_990),
    "rhythm": "monthly",
    "way": "link",
    "invoices": [INVOICE_ID],
    "instalments": [
        {
            "id": "inst_01k9f42m7a1s3d5f7g9h2j4k6l",
            "position": 1,
            "status": "asked",
            "amount": euros(1_995),
            "due_on": "2026-11-30",
            "payment_intent": INTENT_ID,
        },
        {
            "id": "inst_01k9f42m8q2w4e6r8t0y1u3i5o",
            "position": 2,
            "status": "due",
            "amount": euros(1_995),
            "due_on": "2026-12-31",
            "payment_intent": None,
        },
    ],
    "ended_at": None,
    "created_at": "2026-11-30T09:30:00Z",
}

plans = extend_schema_view(
    get=extend_schema(
        summary="List instalment plans",
        description="The newest first.",
        examples=[answered("A plan", PLAN)],
    ),
    post=extend_schema(
        summary="Agree on instalments",
        description=(
            "The parts are equal; what is left over is paid with the first. Days at the end of a"
            " month stay there. The customer gets a link for each part on its day, for the part of"
            " today at once. What is open to pay these invoices by closes. Whatever is paid on the"
            " invoices counts; a part that does not come within the days of grace breaks the plan."
            " There are no fees and no interest."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=PlanInput,
        responses=created(PlanOutput, HTTPStatus.CREATED),
        examples=[
            asked(
                "Two parts",
                {
                    "customer": CUSTOMER_ID,
                    "invoices": [INVOICE_ID],
                    "amount": 3_990,
                    "currency": "EUR",
                    "parts": 2,
                    "first_on": "2026-11-30",
                },
            ),
            answered("The plan", PLAN, HTTPStatus.CREATED),
        ],
    ),
)
plan = extend_schema_view(
    get=extend_schema(
        summary="Show an instalment plan",
        description="With its parts, and what became of each.",
        examples=[answered("The plan", PLAN)],
    )
)
withdraw_plan = extend_schema_view(
    post=extend_schema(
        summary="Withdraw an instalment plan",
        description=(
            "No further part is asked for; what was asked for can still be paid. Refused once the"
            " plan was completed or broken. Safe to repeat."
        ),
        request=Nothing,
        responses=PlanOutput,
        examples=[answered("The plan", {**PLAN, "status": "withdrawn"})],
    )
)
