"""Pay links as their customers hold them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse

from payments.models import Capture, CheckoutSession, PaymentAttempt
from payments.models.events import Source
from payments.services import links
from payments.services.apply import apply_snapshot, conclude
from payments.services.payment import lock_payment
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import (
    CheckoutSessionFactory,
    PaymentAttemptFactory,
    PaymentIntentFactory,
    ProviderAccountFactory,
    paid_snapshot,
)


def address(session: CheckoutSession, name: str = "pay", query: str = "") -> str:
    """Return where a page of a link is."""
    return reverse(f"payments:{name}", args=[session.public_id, links.secret_of(session)]) + query


def open_link() -> CheckoutSession:
    """Make a link that can be paid, for two invoices, one of them in part."""
    customer = CustomerFactory.create(preferred_method="card")
    ProviderAccountFactory.create()
    whole = InvoiceFactory.create(customer=customer, total=7_990, description="October")
    part = InvoiceFactory.create(customer=customer, total=12_000, description="Router")
    intent = PaymentIntentFactory.create(customer=customer, amount=18_490)
    intent.items.create(invoice=whole, amount=7_990)
    intent.items.create(invoice=part, amount=10_500)
    return CheckoutSessionFactory.create(intent=intent, language="en")


def started(session: CheckoutSession, **values: Any) -> PaymentAttempt:
    """Let the customer of a link have chosen a way to pay."""
    attempt = PaymentAttemptFactory.create(session=session, **values)
    with transaction.atomic():
        conclude(lock_payment(session.intent_id))
    return attempt


def paid_through(session: CheckoutSession, amount: int | None = None) -> Capture:
    """Let money come by a link, as the provider tells of it."""
    attempt = PaymentAttemptFactory.create(session=session)
    snapshot = paid_snapshot(attempt, amount)
    apply_snapshot(account=attempt.account, snapshot=snapshot, source=Source.WEBHOOK)
    return Capture.objects.get(attempt=attempt)
