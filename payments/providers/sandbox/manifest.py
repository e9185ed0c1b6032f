"""What the sandbox can do and how far its word reaches."""

from __future__ import annotations

from core.money import EXPONENTS
from payments.providers.base import Capability, Lookup, Manifest, SubjectKind, Truth

MANIFEST = Manifest(
    kind="sandbox",
    name="Sandbox",
    methods=("mobilepay", "card", "bank", "klarna"),
    currencies=frozenset(EXPONENTS),
    capabilities=frozenset(
        {
            Capability.MANUAL_CAPTURE,
            Capability.PARTIAL_CAPTURE,
            Capability.PARTIAL_REFUND,
            Capability.SAVED_METHODS,
            Capability.MOTO,
            Capability.TERMINAL,
        }
    ),
    truth=Truth.FETCH,
    lookup=Lookup.BY_OUR_ID,
    consistent_after_s=1,
    longest_request_s=30,
    key_window_s=86_400,
    saves_errors=False,
    compares_body=True,
    signature="hmac-sha256",
    settlement="balance_transactions",
    echoes=frozenset({SubjectKind.CAPTURE, SubjectKind.CANCELLATION, SubjectKind.REFUND}),
    is_for_training=True,
)
