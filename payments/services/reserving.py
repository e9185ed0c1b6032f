"""Committing a request to a provider before anything is sent."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from core import bell, rows
from core.ids import make_public_id
from payments.models import ProviderOperation
from payments.registry import provider_class

if TYPE_CHECKING:
    from payments.models import Cancellation, Capture, PaymentAttempt, Refund

CUSTOMER_WAITS = timedelta(seconds=60)
KEY_MARGIN = timedelta(hours=1)
WHERE_CUSTOMER_WAITS = (
    ProviderOperation.Kind.CREATE,
    ProviderOperation.Kind.CHARGE,
    ProviderOperation.Kind.PUSH,
    ProviderOperation.Kind.ASK,
    ProviderOperation.Kind.CONFIRM,
)


def reserve(
    kind: ProviderOperation.Kind,
    *,
    attempt: PaymentAttempt,
    capture: Capture | None = None,
    cancellation: Cancellation | None = None,
    refund: Refund | None = None,
    field: str = "",
) -> ProviderOperation:
    """Create the operation that will ask the provider. Nothing is sent before the commit.

    The key comes from the operation alone, so every repeat of it is the same request.
    """
    subject = refund or capture or cancellation or attempt
    public_id = make_public_id("op")
    now = timezone.now()
    operation = ProviderOperation(
        public_id=public_id,
        account_id=attempt.account_id,
        kind=kind,
        key=public_id,
        request_hash=_request_hash(
            kind, subject.public_id + field, subject.amount, subject.currency
        ),
        intent_id=attempt.intent_id,
        attempt=attempt,
        capture=capture,
        cancellation=cancellation,
        refund=refund,
        field=field,
        amount=subject.amount,
        currency=subject.currency,
        send_at=now,
        send_until=now + _may_be_sent_for(kind, attempt),
    )
    rows.insert(operation)
    bell.ring_on_commit("operations")
    return operation


def _may_be_sent_for(kind: ProviderOperation.Kind, attempt: PaymentAttempt) -> timedelta:
    if kind in WHERE_CUSTOMER_WAITS:
        return CUSTOMER_WAITS
    window = provider_class(attempt.account.kind).manifest.key_window_s
    return timedelta(seconds=window) - KEY_MARGIN


def _request_hash(kind: str, subject: str, amount: int, currency: str) -> str:
    return hashlib.sha256(f"{kind}:{subject}:{amount}:{currency}".encode()).hexdigest()
