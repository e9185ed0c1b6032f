"""Sorts what Stripe's client raises by one question: may money have moved."""

from __future__ import annotations

import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests
import stripe
import urllib3

from payments.providers.errors import (
    OutcomeUnknown,
    ProviderError,
    ProviderRejected,
    ProviderUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

NEVER_SENT = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NameResolutionError,
    urllib3.exceptions.ProxyError,
)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise a ProviderError for each of Stripe's errors, and nothing else.

    A declined charge is no error: the adapter takes `stripe.CardError` before it comes here.
    """
    try:
        yield
    except stripe.StripeError as error:
        raise _translated(error)(str(error), code=code_of(error)) from error


def code_of(error: stripe.StripeError) -> str:
    """Return the most exact of Stripe's codes: the bank's where there is one."""
    details = error.error
    return str(getattr(details, "decline_code", None) or error.code or "")


def _translated(error: stripe.StripeError) -> type[ProviderError]:
    if isinstance(error, stripe.RateLimitError):
        return ProviderUnavailable
    if isinstance(error, stripe.APIConnectionError):
        return ProviderUnavailable if was_never_sent(error) else OutcomeUnknown
    if isinstance(error, stripe.APIError | stripe.IdempotencyError):
        # A 5xx, an answer nobody can read, or a key that was used before.
        return OutcomeUnknown
    return ProviderRejected


def was_never_sent(error: stripe.APIConnectionError) -> bool:
    """Say whether the connection failed before a byte of the request left."""
    cause = error.__cause__
    if not isinstance(cause, requests.exceptions.ConnectionError) or not cause.args:
        return False
    reason = getattr(cause.args[0], "reason", None)
    if isinstance(reason, urllib3.exceptions.SSLError):
        # A certificate is checked before anything is sent; other TLS errors can come later.
        return any(isinstance(part, ssl.SSLCertVerificationError) for part in reason.args)
    return isinstance(reason, NEVER_SENT)
