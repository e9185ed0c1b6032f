"""The sandbox's codes and what they mean."""

from __future__ import annotations

from payments.providers.base import ErrorRow

ERRORS = (
    ErrorRow("", "insufficient_funds", "insufficient_funds"),
    ErrorRow("", "card_declined", "declined"),
    ErrorRow("", "expired_card", "expired_card"),
    ErrorRow("", "authentication_failed", "authentication_failed"),
    ErrorRow("", "authentication_required", "authentication_required"),
    ErrorRow("", "declined_by_customer", "canceled_by_customer"),
    ErrorRow("", "amount_invalid", "invalid_request"),
    ErrorRow("", "currency_unsupported", "currency_unsupported"),
    ErrorRow("", "method_unsupported", "method_unsupported"),
    ErrorRow("", "method_unknown", "method_unusable"),
    ErrorRow("push", "terminal_offline", "method_unusable"),
    ErrorRow("push", "terminal_busy", "method_unusable"),
    ErrorRow("", "unauthorised", "configuration"),
    ErrorRow("capture", "capture_exceeds_authorisation", "amount_exceeds_available"),
    ErrorRow("cancel", "nothing_to_cancel", "amount_exceeds_available"),
    ErrorRow("refund", "refund_exceeds_capture", "amount_exceeds_available"),
    ErrorRow("refund", "account_closed", "refund_failed"),
)
