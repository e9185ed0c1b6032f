"""What the API says of operations without an answer: a sentence and an example for each."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema, extend_schema_view

from core.openapi import IDEMPOTENCY_KEY, answered, asked, created
from payments.api.documented import INTENT_ID
from payments.api.serializers import RefusalInput
from payments.api.serializers_decisions import DecisionInput, DecisionOutput

OPERATION_ID = "op_01k9f42m3n5b7v9c1x3z5l7k9j"
OPERATION = {
    "id": OPERATION_ID,
    "payment_intent": INTENT_ID,
    "attempt": "pa_01k9f40a1s3d5f7g9h1j3k5l7q",
    "subject": "re_01k9f41x2c4v6b8n0m1k3j5h7g",
    "kind": "refund",
    "status": "unknown",
    "amount": 1_000,
    "currency": "EUR",
    "key": OPERATION_ID,
    "sends": 1,
    "first_sent_at": "2026-11-05T12:00:01Z",
    "last_sent_at": "2026-11-05T12:00:01Z",
    "resolves": 9,
    "resolve_at": "2026-11-05T19:25:00Z",
    "error_code": "timeout",
    "created_at": "2026-11-05T12:00:00Z",
}
DECISION = {
    "id": "dec_01k9f43q2w4e6r8t0y2v4p6a8s",
    "operation": OPERATION_ID,
    "outcome": "carried_out",
    "reason": "The dashboard lists the refund as paid.",
    "seen": "re_3Q2xYz, 10.00 EUR, 5 November",
    "status": "awaiting",
    "requested_by": "usr_01k9f3r0q9w8e7t6y5v4p3a2sd",
    "decided_by": None,
    "decided_at": None,
    "refusal": "",
    "created_at": "2026-11-05T14:00:00Z",
}
DECIDED = {
    **DECISION,
    "status": "approved",
    "decided_by": "usr_01k9f3s1a2d3f4g5h6j7k8l9qw",
    "decided_at": "2026-11-05T14:10:00Z",
}

operations = extend_schema_view(
    get=extend_schema(
        summary="List operations",
        description=(
            "Requests to providers, the newest first. Those that are `unknown` have no answer:"
            " money may have moved. `subject` and `key` are what to look for at the provider."
        ),
        examples=[answered("Without an answer", OPERATION)],
    )
)
operation = extend_schema_view(
    get=extend_schema(
        summary="Show an operation",
        description="It leaves `unknown` by the provider's word, or by an approved decision.",
        examples=[answered("Without an answer", OPERATION)],
    )
)
decisions = extend_schema_view(
    get=extend_schema(
        summary="List decisions",
        description="What people found out about operations without an answer, the newest first.",
        examples=[answered("Waits for a second person", DECISION)],
    ),
    post=extend_schema(
        summary="Say what became of an operation",
        description=(
            "Only while it is `unknown`, and not while an answer may still come by itself. Nothing"
            " is true before a second person approves; a final word of the provider comes before"
            " both. What is written as `seen` stays text: it names nothing of the provider's."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=DecisionInput,
        responses=created(DecisionOutput, HTTPStatus.ACCEPTED),
        examples=[
            asked(
                "It was carried out",
                {
                    "operation": OPERATION_ID,
                    "outcome": "carried_out",
                    "reason": "The dashboard lists the refund as paid.",
                    "seen": "re_3Q2xYz, 10.00 EUR, 5 November",
                },
            ),
            answered("The decision", DECISION, HTTPStatus.ACCEPTED),
        ],
    ),
)
decision = extend_schema_view(
    get=extend_schema(
        summary="Show a decision",
        description="Who found it, and who decided.",
        examples=[answered("The decision", DECIDED)],
    )
)
approve_decision = extend_schema_view(
    post=extend_schema(
        summary="Approve a decision",
        description=(
            "What was found becomes a fact, and what it blocked is free. Whoever answers for the"
            " key must not be who found it."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=DecisionOutput,
        examples=[answered("The decision", DECIDED)],
    )
)
refuse_decision = extend_schema_view(
    post=extend_schema(
        summary="Refuse a decision",
        description="The operation stays unknown. Not for whoever found it.",
        parameters=[IDEMPOTENCY_KEY],
        request=RefusalInput,
        responses=DecisionOutput,
        examples=[
            asked("Why", {"reason": "That is another customer's refund."}),
            answered(
                "The decision",
                {**DECIDED, "status": "refused", "refusal": "That is another customer's refund."},
            ),
        ],
    )
)
withdraw_decision = extend_schema_view(
    post=extend_schema(
        summary="Withdraw a decision",
        description="While it waits for a second person, and only by who found it.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=DecisionOutput,
        examples=[
            answered(
                "The decision",
                {**DECISION, "status": "withdrawn", "decided_at": "2026-11-05T14:04:00Z"},
            )
        ],
    )
)
