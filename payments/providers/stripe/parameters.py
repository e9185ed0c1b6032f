"""What is sent to Stripe. The same request always gives the same body, as its key demands.

The client's own types are TypedDicts, which cannot be put together piece by piece: hence `Any`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from payments.providers.stripe.currencies import stripe_amount

if TYPE_CHECKING:
    from payments.providers.base import (
        CaptureRequest,
        ChargeSavedMethod,
        CreateCheckout,
        PushToTerminal,
        RefundRequest,
    )

LANGUAGES = frozenset({"en", "fi", "sv"})
OUR_ID = "our_id"
CAPTURE_ID = "capture_id"
RAIL = "rail"
CHECKOUT = "checkout"
TERMINAL = "terminal"
READER = "reader"

INTENT_DETAILS = ("latest_charge.refunds", "payment_method")
UNDER_INTENT = ("payment_intent", *(f"payment_intent.{path}" for path in INTENT_DETAILS))
"""What to expand of a PaymentIntent, and of an object that points to one."""

# Stripe wants a page to live between 30 minutes and 24 hours, counted from when it is made.
SHORTEST_PAGE = timedelta(minutes=31)
LONGEST_PAGE = timedelta(hours=23, minutes=55)


def checkout_parameters(request: CreateCheckout) -> Any:
    """Ask for a hosted page with one line: what is to be paid."""
    metadata = {OUR_ID: request.attempt_id}
    intent: dict[str, Any] = {"metadata": {**metadata, RAIL: CHECKOUT}}
    if request.description:
        intent["description"] = request.description
    if request.manual_capture:
        intent["capture_method"] = "manual"
    if request.save_method:
        intent["setup_future_usage"] = "off_session"
    parameters: dict[str, Any] = {
        "mode": "payment",
        "payment_method_types": [request.method],
        "line_items": [_line(request)],
        "client_reference_id": request.attempt_id,
        "metadata": metadata,
        "payment_intent_data": intent,
        "success_url": request.return_url,
        "cancel_url": request.cancel_url,
        "locale": request.language if request.language in LANGUAGES else "auto",
        **_payer(request),
    }
    if ends_at := page_ends_at(request.expires_at):
        parameters["expires_at"] = ends_at
    return parameters


def charge_parameters(request: ChargeSavedMethod) -> Any:
    """Ask to charge a saved method now. Where the bank wants the customer, it is a decline."""
    parameters: dict[str, Any] = {
        "amount": stripe_amount(request.amount),
        "currency": request.amount.currency.lower(),
        "customer": request.customer_token,
        "payment_method": request.token,
        "payment_method_types": ["card"],
        "confirm": True,
        "metadata": {OUR_ID: request.attempt_id},
        "expand": list(INTENT_DETAILS),
    }
    if request.description:
        parameters["description"] = request.description
    if request.is_off_session:
        parameters["off_session"] = True
    else:
        parameters["error_on_requires_action"] = True
    return parameters


def terminal_parameters(request: PushToTerminal) -> Any:
    """Ask for a payment whose card is read by a terminal; its reader stands in the metadata."""
    parameters: dict[str, Any] = {
        "amount": stripe_amount(request.amount),
        "currency": request.amount.currency.lower(),
        "payment_method_types": ["card_present"],
        "capture_method": "automatic",
        "metadata": {OUR_ID: request.attempt_id, RAIL: TERMINAL, READER: request.terminal},
        "expand": list(INTENT_DETAILS),
    }
    if request.description:
        parameters["description"] = request.description
    return parameters


def capture_parameters(request: CaptureRequest) -> Any:
    """Ask for authorised money. Stripe lets go of what a smaller capture leaves over."""
    return {
        "amount_to_capture": stripe_amount(request.amount),
        "metadata": {CAPTURE_ID: request.capture_id},
        "expand": list(INTENT_DETAILS),
    }


def refund_parameters(request: RefundRequest, payment_intent: str) -> Any:
    """Ask for a refund. Why stays with us: Stripe knows three reasons, and free text may name."""
    return {
        "payment_intent": payment_intent,
        "amount": stripe_amount(request.amount),
        "reason": "requested_by_customer",
        "metadata": {OUR_ID: request.refund_id},
        "expand": list(UNDER_INTENT),
    }


def page_ends_at(expires_at: datetime) -> int | None:
    """Return when Stripe's page ends: never before ours, and never sooner than Stripe allows.

    None leaves it at Stripe's own 24 hours. Our page ends on time all the same, because
    closing it closes Stripe's. Within those bounds the clock has no say, so that a replay of
    the same key has the same body.
    """
    ends_at = expires_at + SHORTEST_PAGE
    latest = datetime.fromtimestamp(time.time(), UTC) + LONGEST_PAGE
    return None if ends_at > latest else int(ends_at.timestamp())


def _line(request: CreateCheckout) -> dict[str, Any]:
    price = {
        "currency": request.amount.currency.lower(),
        "unit_amount": stripe_amount(request.amount),
        "product_data": {"name": request.description or request.attempt_id},
    }
    return {"quantity": 1, "price_data": price}


def _payer(request: CreateCheckout) -> dict[str, Any]:
    if request.customer_token:
        return {"customer": request.customer_token}
    payer: dict[str, Any] = {}
    if request.customer_email:
        payer["customer_email"] = request.customer_email
    if request.save_method:
        payer["customer_creation"] = "always"
    return payer
