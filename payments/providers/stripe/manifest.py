"""What Stripe can do and how far its word reaches.

Idempotency: docs.stripe.com/api/idempotent_requests. The first answer is kept for at least
24 hours, a 500 included, and the same key with another body is refused.
"""

from __future__ import annotations

from payments.providers.base import Capability, Lookup, Manifest, SubjectKind, Truth
from payments.providers.stripe.currencies import CURRENCIES

MANIFEST = Manifest(
    kind="stripe",
    name="Stripe",
    methods=("card", "mobilepay", "klarna"),
    currencies=CURRENCIES,
    capabilities=frozenset(
        {
            Capability.MANUAL_CAPTURE,
            Capability.PARTIAL_CAPTURE,
            Capability.PARTIAL_REFUND,
            Capability.SAVED_METHODS,
            Capability.TERMINAL,
        }
    ),
    truth=Truth.FETCH,
    lookup=Lookup.BY_OUR_ID,
    consistent_after_s=60,
    longest_request_s=80,
    key_window_s=86_400,
    saves_errors=True,
    compares_body=True,
    signature="hmac-sha256",
    settlement="balance_transactions",
    echoes=frozenset({SubjectKind.CAPTURE, SubjectKind.REFUND}),
)
