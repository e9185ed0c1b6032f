"""What the API says of payments: a sentence and an example for each operation."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema, extend_schema_view

from core.openapi import IDEMPOTENCY_KEY, answered, asked, created
from payments.api.serializers import (
    CaptureInput,
    CheckoutSessionInput,
    CheckoutSessionOutput,
    NewCheckoutSessionOutput,
    PaymentIntentInput,
    PaymentIntentOutput,
    RefundInput,
    RefundOutput,
    RefusalInput,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOMER_ID = "cus_01k9f3v7m2t8q4x6z0b1c5d9eh"
INVOICE_ID = "inv_01k9f3x4n6b8v0c2x5z7q9w1er"
INTENT_ID = "pi_01k9f3y8h4j6k8m0n2p4q6r8st"
SESSION_ID = "cs_01k9f3z2w4e6r8t0y1v3p5a7sd"
CAPTURE_ID = "cap_01k9f40c3v5b7n9m1q3w5e7r9t"


def euros(amount: int) -> Mapping[str, Any]:
    return {"amount": amount, "currency": "EUR"}


INTENT: Mapping[str, Any] = {
    "id": INTENT_ID,
    "customer": CUSTOMER_ID,
    "order": None,
    "call": None,
    "amount": 3_990,
    "currency": "EUR",
    "status": "requires_payment_method",
    "description": "20045",
    "capture_method": "automatic",
    "allow_surplus": False,
    "captured": euros(0),
    "capturable": euros(0),
    "refunded": euros(0),
    "disputed": euros(0),
    "surplus": euros(0),
    "needs_review": False,
    "review_reasons": [],
    "blocked_by_unknown": False,
    "version": 0,
    "created_at": "2026-11-02T09:30:00Z",
}
PAID = {**INTENT, "status": "succeeded", "captured": euros(3_990), "version": 7}
SESSION = {
    "id": SESSION_ID,
    "payment_intent": INTENT_ID,
    "status": "open",
    "language": "fi",
    "channel": "sms",
    "destination": "+358401234567",
    "expires_at": "2026-11-03T09:31:00Z",
    "opened_at": None,
    "ended_at": None,
    "created_at": "2026-11-02T09:31:00Z",
}
REFUND = {
    "id": "re_01k9f41x2c4v6b8n0m1k3j5h7g",
    "payment_intent": INTENT_ID,
    "capture": CAPTURE_ID,
    "amount": 1_000,
    "currency": "EUR",
    "status": "requested",
    "origin": "ours",
    "reason": "The line was down for a week.",
    "above_limit": "",
    "decided_by": None,
    "decided_at": None,
    "refusal": "",
    "created_at": "2026-11-05T12:00:00Z",
}
WAITING = {**REFUND, "amount": 15_000, "status": "awaiting_approval", "above_limit": "per_refund"}
DECIDED = {
    **WAITING,
    "decided_by": "usr_01k9f3s1a2d3f4g5h6j7k8l9qw",
    "decided_at": "2026-11-05T12:04:00Z",
}
EVENT = {
    "id": 4711,
    "payment_intent": INTENT_ID,
    "subject_kind": "capture",
    "subject": CAPTURE_ID,
    "status": "succeeded",
    "amount": 3_990,
    "currency": "EUR",
    "source": "webhook",
    "code": "",
    "occurred_at": "2026-11-02T09:33:10Z",
    "created_at": "2026-11-02T09:33:11Z",
}

payment_intents = extend_schema_view(
    get=extend_schema(
        summary="List payment intents",
        description="The newest first.",
        examples=[answered("A paid one", PAID)],
    ),
    post=extend_schema(
        summary="Say what is to be paid",
        description=(
            "Nothing is asked of anyone yet: open a checkout session next. The money pays the"
            " invoices in the order in which they are named; without invoices it pays the order,"
            " or is kept as a prepayment (which needs `allow_surplus`)."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=PaymentIntentInput,
        responses=created(PaymentIntentOutput, HTTPStatus.CREATED),
        examples=[
            asked(
                "An invoice",
                {
                    "customer": CUSTOMER_ID,
                    "amount": 3_990,
                    "currency": "EUR",
                    "invoices": [INVOICE_ID],
                },
            ),
            answered("The payment intent", INTENT, HTTPStatus.CREATED),
        ],
    ),
)
payment_intent = extend_schema_view(
    get=extend_schema(
        summary="Show a payment intent",
        description="Its status and its amounts are what its facts add up to.",
        examples=[answered("A paid one", PAID)],
    )
)
cancel_payment_intent = extend_schema_view(
    post=extend_schema(
        summary="Call a payment off",
        description=(
            "Its link closes, and money that was only reserved is let go. Refused once money was"
            " taken, and while a provider has not answered."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=PaymentIntentOutput,
        examples=[answered("The payment intent", {**INTENT, "status": "canceled", "version": 1})],
    )
)
capture_payment_intent = extend_schema_view(
    post=extend_schema(
        summary="Take reserved money",
        description=(
            "For payments with `capture_method` manual, once their status is `requires_capture`."
            " The provider is asked next: the events tell what became of it."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=CaptureInput,
        responses=created(PaymentIntentOutput, HTTPStatus.ACCEPTED),
        examples=[
            asked("A part of it", {"amount": 2_000}),
            answered(
                "The payment intent",
                {
                    **INTENT,
                    "status": "requires_capture",
                    "capture_method": "manual",
                    "capturable": euros(3_990),
                    "version": 4,
                },
                HTTPStatus.ACCEPTED,
            ),
        ],
    )
)
checkout_sessions = extend_schema_view(
    get=extend_schema(
        summary="List checkout sessions",
        description="The newest first.",
        examples=[answered("A pay link", SESSION)],
    ),
    post=extend_schema(
        summary="Open a pay link",
        description=(
            "With a channel and a destination the link is sent, too. An older link of the same"
            " payment closes. `url` is told here, this once and in repeats, and stored nowhere."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=CheckoutSessionInput,
        responses=created(NewCheckoutSessionOutput, HTTPStatus.CREATED),
        examples=[
            asked(
                "By text message",
                {
                    "payment_intent": INTENT_ID,
                    "channel": "sms",
                    "destination": "+358401234567",
                    "language": "fi",
                },
            ),
            answered(
                "The pay link",
                {**SESSION, "url": f"https://kuitti.example/pay/{SESSION_ID}/5nq…/"},
                HTTPStatus.CREATED,
            ),
        ],
    ),
)
checkout_session = extend_schema_view(
    get=extend_schema(
        summary="Show a checkout session",
        description="Its address is not shown again.",
        examples=[answered("A pay link", SESSION)],
    )
)
close_checkout_session = extend_schema_view(
    post=extend_schema(
        summary="Close a pay link",
        description="Money that comes all the same still pays.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=CheckoutSessionOutput,
        examples=[
            answered(
                "The closed link",
                {**SESSION, "status": "closed", "ended_at": "2026-11-02T10:00:00Z"},
            )
        ],
    )
)
refunds = extend_schema_view(
    get=extend_schema(
        summary="List refunds",
        description="The newest first, those that were made at the provider, too.",
        examples=[answered("A refund", REFUND)],
    ),
    post=extend_schema(
        summary="Give money back",
        description=(
            "The refund is reserved, then sent: ask for it again, or read the events, to see what"
            " became of it. Above a limit of the key's role, per refund or per day, it is answered"
            " `awaiting_approval`: it holds the money, and is sent once a second person approves."
            " With an invoice and lines the amount is theirs, and so is the credit note once the"
            " money went back; no piece is given back twice. It goes back to where the capture came"
            " from, and nowhere else."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=RefundInput,
        responses=created(RefundOutput, HTTPStatus.ACCEPTED),
        examples=[
            asked(
                "Ten euros",
                {
                    "payment_intent": INTENT_ID,
                    "amount": 1_000,
                    "reason": "The line was down for a week.",
                },
            ),
            asked(
                "Two pieces of a line",
                {
                    "payment_intent": INTENT_ID,
                    "invoice": INVOICE_ID,
                    "lines": [{"position": 1, "quantity": 2}],
                    "reason": "Sent back.",
                },
            ),
            answered("The refund", REFUND, HTTPStatus.ACCEPTED),
            answered("Above a limit", WAITING, HTTPStatus.ACCEPTED),
        ],
    ),
)
refund = extend_schema_view(
    get=extend_schema(
        summary="Show a refund",
        description="`succeeded` and `failed` come from the provider.",
        examples=[answered("The refund", {**REFUND, "status": "succeeded"})],
    )
)
approve_refund = extend_schema_view(
    post=extend_schema(
        summary="Approve a refund",
        description=(
            "For refunds that are `awaiting_approval`. Whoever answers for the key must not be who"
            " asked for the refund, and it must be within the limits of the key's role."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=RefundOutput,
        examples=[answered("The refund", {**DECIDED, "status": "requested"})],
    )
)
refuse_refund = extend_schema_view(
    post=extend_schema(
        summary="Refuse a refund",
        description="The money it held is free again. Not for whoever asked for it.",
        parameters=[IDEMPOTENCY_KEY],
        request=RefusalInput,
        responses=RefundOutput,
        examples=[
            asked("Why", {"reason": "The contract says fourteen days."}),
            answered(
                "The refund",
                {**DECIDED, "status": "canceled", "refusal": "The contract says fourteen days."},
            ),
        ],
    )
)
withdraw_refund = extend_schema_view(
    post=extend_schema(
        summary="Withdraw a refund",
        description="While it waits for a second person, and only by who asked for it.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses=RefundOutput,
        examples=[
            answered(
                "The refund",
                {**WAITING, "status": "canceled", "decided_at": "2026-11-05T12:04:00Z"},
            )
        ],
    )
)
events = extend_schema_view(
    get=extend_schema(
        summary="List events",
        description=(
            "Facts about attempts, captures, refunds and disputes with their cumulative amounts,"
            " and the steps of pay links and approvals; the newest first. Narrow by"
            " `payment_intent` for the whole story of a payment."
        ),
        examples=[answered("A capture", EVENT)],
    )
)
