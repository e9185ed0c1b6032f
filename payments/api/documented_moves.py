"""What the API says of moves of surplus: a sentence and an example for each operation."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema, extend_schema_view

from core.openapi import IDEMPOTENCY_KEY, answered, asked, created
from payments.api.documented import INTENT_ID, INVOICE_ID
from payments.api.serializers import RefusalInput
from payments.api.serializers_moves import MoveInput, MoveOutput

MOVE = {
    "id": "mov_01k9f44z1x3c5v7b9n2m4q6w8e",
    "payment_intent": INTENT_ID,
    "invoice": INVOICE_ID,
    "amount": 1_500,
    "currency": "EUR",
    "status": "moved",
    "above_limit": "",
    "decided_by": None,
    "decided_at": None,
    "refusal": "",
    "created_at": "2026-11-06T10:00:00Z",
}
WAITING = {**MOVE, "amount": 15_000, "status": "awaiting_approval", "above_limit": "per_move"}
DECIDED = {
    **WAITING,
    "decided_by": "usr_01k9f3s1a2d3f4g5h6j7k8l9qw",
    "decided_at": "2026-11-06T10:04:00Z",
}

moves = extend_schema_view(
    get=extend_schema(
        summary="List moves of surplus",
        description="The newest first.",
        examples=[answered("A move", MOVE)],
    ),
    post=extend_schema(
        summary="Move surplus to an invoice",
        description=(
            "What of a payment is neither given back nor on an invoice pays another open invoice of"
            " the same customer and currency. Above a limit of the key's role it is answered"
            " `awaiting_approval`: nothing is held, and it is made once a second person approves."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=MoveInput,
        responses=created(MoveOutput, HTTPStatus.CREATED),
        examples=[
            asked(
                "Fifteen euros",
                {"payment_intent": INTENT_ID, "invoice": INVOICE_ID, "amount": 1_500},
            ),
            answered("The move", MOVE, HTTPStatus.CREATED),
            answered("Above a limit", WAITING, HTTPStatus.CREATED),
        ],
    ),
)
move = extend_schema_view(
    get=extend_schema(
        summary="Show a move of surplus",
        description="Where the money went, and who decided.",
        examples=[answered("The move", MOVE)],
    )
)
approve_move = extend_schema_view(
    post=extend_schema(
        summary="Approve a move of surplus",
        description="Not for whoever asked for it, and within the limits of the key's role.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=MoveOutput,
        examples=[answered("The move", {**DECIDED, "status": "moved"})],
    )
)
refuse_move = extend_schema_view(
    post=extend_schema(
        summary="Refuse a move of surplus",
        description="The money stays where it is. Not for whoever asked for it.",
        parameters=[IDEMPOTENCY_KEY],
        request=RefusalInput,
        responses=MoveOutput,
        examples=[
            asked("Why", {"reason": "The customer wants it back."}),
            answered(
                "The move",
                {**DECIDED, "status": "canceled", "refusal": "The customer wants it back."},
            ),
        ],
    )
)
withdraw_move = extend_schema_view(
    post=extend_schema(
        summary="Withdraw a move of surplus",
        description="While it waits for a second person, and only by who asked for it.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=MoveOutput,
        examples=[
            answered(
                "The move",
                {**WAITING, "status": "canceled", "decided_at": "2026-11-06T10:04:00Z"},
            )
        ],
    )
)
take_back_move = extend_schema_view(
    post=extend_schema(
        summary="Take moved surplus back",
        description="The whole amount: it is the customer's free money, and the invoice is open.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=MoveOutput,
        examples=[answered("The move", {**MOVE, "status": "taken_back"})],
    )
)
