"""What the API says of orders, invoices and products: a sentence and an example for each."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view

from core.openapi import IDEMPOTENCY_KEY, answered, asked, created
from core.serializers import Nothing
from orders.api.serializers import (
    CancelInput,
    InvoiceInput,
    InvoiceOutput,
    OrderInput,
    OrderOutput,
    PromiseInput,
    PromiseOutput,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOMER_ID = "cus_01k9f3v7m2t8q4x6z0b1c5d9eh"
ORDER_ID = "ord_01k9f3w1r5y7u9p3a2s4d6f8gh"
PRODUCT_ID = "prd_01k9f3t0a1b2c3d4e5f6g7h8jk"
INVOICE_ID = "inv_01k9f3x4n6b8v0c2x5z7q9w1er"


def euros(amount: int) -> Mapping[str, Any]:
    return {"amount": amount, "currency": "EUR"}


NEW_LINE = {"description": "Fibre 100", "quantity": 1, "unit_price": 3_990, "vat_bp": 2550}
LINE = {**NEW_LINE, "gross": 3_990, "net": 3_179, "vat": 811}
ORDER = {
    "id": ORDER_ID,
    "number": "10023",
    "customer": CUSTOMER_ID,
    "status": "open",
    "total": euros(3_990),
    "lines": [LINE],
    "invoices": [],
    "stock": [
        {
            "product": PRODUCT_ID,
            "quantity": 1,
            "status": "held",
            "held_until": "2026-11-02T10:20:00Z",
            "ended_at": None,
        }
    ],
    "created_at": "2026-11-02T09:20:00Z",
}
INVOICE = {
    "id": INVOICE_ID,
    "number": "20045",
    "reference": "200458",
    "rf_reference": "RF72200458",
    "customer": CUSTOMER_ID,
    "order": ORDER_ID,
    "status": "open",
    "issued_on": "2026-11-02",
    "due_on": "2026-11-16",
    "description": "November",
    "total": euros(3_990),
    "paid": euros(0),
    "credited": euros(0),
    "open": euros(3_990),
    "lines": [LINE],
    "parts": [{"vat_bp": 2550, "net": 3_179, "vat": 811}],
    "pdf": f"https://kuitti.example/api/v1/invoices/{INVOICE_ID}/pdf",
    "created_at": "2026-11-02T09:21:00Z",
}
PROMISE = {
    "id": "ptp_01k9f3y7c1v5b9n2m4k6j8h0gf",
    "customer": CUSTOMER_ID,
    "status": "open",
    "amount": euros(3_990),
    "due_on": "2026-11-30",
    "invoices": [INVOICE_ID],
    "ended_at": None,
    "created_at": "2026-11-16T10:05:00Z",
}
PRODUCT = {
    "id": PRODUCT_ID,
    "sku": "FIBRE-100",
    "name": "Fibre 100",
    "price": euros(3_990),
    "vat_bp": 2550,
    "available": 12,
    "is_active": True,
    "created_at": "2026-01-02T08:00:00Z",
}

orders = extend_schema_view(
    get=extend_schema(
        summary="List orders",
        description="The newest first.",
        examples=[answered("An order", ORDER)],
    ),
    post=extend_schema(
        summary="Place an order",
        description="Nothing is owed yet: that is for the invoice. Every sum is worked out here.",
        parameters=[IDEMPOTENCY_KEY],
        request=OrderInput,
        responses=created(OrderOutput, HTTPStatus.CREATED),
        examples=[
            asked("One line", {"customer": CUSTOMER_ID, "currency": "EUR", "lines": [NEW_LINE]}),
            answered("The order", ORDER, HTTPStatus.CREATED),
        ],
    ),
)
order = extend_schema_view(
    get=extend_schema(
        summary="Show an order",
        description="With its lines, and the invoices that were made of it.",
        examples=[answered("The order", ORDER)],
    )
)
cancel_order = extend_schema_view(
    post=extend_schema(
        summary="Cancel an order",
        description=(
            "Credits what is still open on its invoice. Refused while money that was paid for"
            " it stands on it. Safe to repeat."
        ),
        request=CancelInput,
        responses=OrderOutput,
        examples=[
            asked("With a reason", {"reason": "Ordered twice."}),
            answered("The order", {**ORDER, "status": "canceled"}),
        ],
    )
)
invoices = extend_schema_view(
    get=extend_schema(
        summary="List invoices",
        description="The newest first.",
        examples=[answered("An invoice", INVOICE)],
    ),
    post=extend_schema(
        summary="Issue an invoice",
        description="Of an open order, which it closes; or of lines, with no order behind it.",
        parameters=[IDEMPOTENCY_KEY],
        request=InvoiceInput,
        responses=created(InvoiceOutput, HTTPStatus.CREATED),
        examples=[
            asked("Of an order", {"order": ORDER_ID, "due_on": "2026-11-16"}),
            answered("The invoice", INVOICE, HTTPStatus.CREATED),
        ],
    ),
)
invoice = extend_schema_view(
    get=extend_schema(
        summary="Show an invoice",
        description="With its lines, its tax, and what is still open.",
        examples=[answered("The invoice", INVOICE)],
    )
)
invoice_pdf = extend_schema_view(
    get=extend_schema(
        summary="Show an invoice on paper",
        description="A PDF in the customer's language.",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
)
promises = extend_schema_view(
    get=extend_schema(
        summary="List promises to pay",
        description="The newest first.",
        examples=[answered("A promise", PROMISE)],
    ),
    post=extend_schema(
        summary="Write a promise down",
        description=(
            "Its invoices wait for it. It is kept by itself when enough money stands on them, and"
            " broken by itself when its day has gone by. No money moves, and nothing is sent."
        ),
        parameters=[IDEMPOTENCY_KEY],
        request=PromiseInput,
        responses=created(PromiseOutput, HTTPStatus.CREATED),
        examples=[
            asked(
                "Two weeks",
                {
                    "customer": CUSTOMER_ID,
                    "invoices": [INVOICE_ID],
                    "amount": 3_990,
                    "currency": "EUR",
                    "due_on": "2026-11-30",
                },
            ),
            answered("The promise", PROMISE, HTTPStatus.CREATED),
        ],
    ),
)
promise = extend_schema_view(
    get=extend_schema(
        summary="Show a promise to pay",
        description="With what came of it.",
        examples=[answered("The promise", PROMISE)],
    )
)
withdraw_promise = extend_schema_view(
    post=extend_schema(
        summary="Withdraw a promise to pay",
        description="Refused once it was kept or broken. Safe to repeat.",
        request=Nothing,
        responses=PromiseOutput,
        examples=[answered("The promise", {**PROMISE, "status": "withdrawn"})],
    )
)
products = extend_schema_view(
    get=extend_schema(
        summary="List products",
        description="What is on sale, and what was.",
        examples=[answered("A product", PRODUCT)],
    )
)
