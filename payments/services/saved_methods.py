"""Keeping a way to pay that the customer allowed to be kept: a token, never a number."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from crm.models import Consent
from crm.services.consents import has_consent, record_consent
from payments.models import PaymentMethod

if TYPE_CHECKING:
    from payments.models import PaymentAttempt, PaymentIntent
    from payments.providers.base import MethodDetails
    from payments.services.payment import Payment

EVIDENCE = "ticked on the pay page"


def keep(payment: Payment, attempt: PaymentAttempt, method: MethodDetails | None) -> None:
    """Keep the method of a paid attempt, once, where its customer ticked that it may be.

    A token that comes without that consent is forgotten. Safe to repeat.
    """
    if method is None or not method.token or not attempt.saves_method:
        return
    if not (attempt.captured or attempt.capturable):
        return
    digest = hashlib.sha256(method.token.encode()).hexdigest()
    PaymentMethod.objects.get_or_create(
        account_id=attempt.account_id,
        customer_id=payment.intent.customer_id,
        token_digest=digest,
        defaults={
            "method": method.method,
            "brand": method.brand[:40],
            "last4": method.last4[:4],
            "expires": method.expires[:7],
            "token": {"token": method.token, "customer_token": method.customer_token},
        },
    )


def note_consent(intent: PaymentIntent) -> None:
    """Write down that the customer ticked that the method may be kept. Once is enough."""
    if not has_consent(intent.customer, Consent.Purpose.SAVED_METHOD):
        record_consent(
            customer=intent.customer,
            purpose=Consent.Purpose.SAVED_METHOD,
            is_given=True,
            evidence=EVIDENCE,
            actor="customer",
        )
