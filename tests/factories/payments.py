"""Accounts, intents and money with boring defaults."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import factory
from django.db import transaction
from django.utils import timezone

from core.money import Money
from crm.models import Customer
from orders.models import Invoice
from payments.models import (
    Capture,
    CheckoutSession,
    PaymentAttempt,
    PaymentIntent,
    ProviderAccount,
    Refund,
)
from payments.models.events import Source
from payments.providers.base import News, Reference, Snapshot, SubjectKind
from payments.services.apply import apply_snapshot, conclude
from payments.services.payment import lock_payment
from payments.services.refunds import request_refund
from tests.factories import core as people
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    from core.models import User


class ProviderAccountFactory(factory.django.DjangoModelFactory[ProviderAccount]):
    class Meta:
        model = ProviderAccount

    kind = "sandbox"
    name = "Sandbox"
    credentials = factory.LazyFunction(
        lambda: {"base_url": "http://127.0.0.1:9", "api_key": "key", "webhook_secret": "secret"}
    )
    currencies = factory.LazyFunction(lambda: ["EUR", "JPY", "KWD"])
    methods = factory.LazyFunction(lambda: ["mobilepay", "card", "bank"])


class PaymentIntentFactory(factory.django.DjangoModelFactory[PaymentIntent]):
    class Meta:
        model = PaymentIntent

    customer = factory.SubFactory(CustomerFactory)
    amount = 10_000
    currency = "EUR"


class CheckoutSessionFactory(factory.django.DjangoModelFactory[CheckoutSession]):
    class Meta:
        model = CheckoutSession

    intent = factory.SubFactory(PaymentIntentFactory)
    expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=24))


class PaymentAttemptFactory(factory.django.DjangoModelFactory[PaymentAttempt]):
    """An attempt whose customer is at the provider's page."""

    class Meta:
        model = PaymentAttempt
        skip_postgeneration_save = True

    session = factory.SubFactory(CheckoutSessionFactory)
    intent = factory.SelfAttribute("session.intent")
    account = factory.SubFactory(ProviderAccountFactory)
    method = "card"
    amount = factory.SelfAttribute("intent.amount")
    currency = factory.SelfAttribute("intent.currency")
    page_url = "http://127.0.0.1:9/pay"

    @factory.post_generation
    def figures(attempt: PaymentAttempt, create: bool, extracted: Any, **_: Any) -> None:  # noqa: N805, FBT001
        del extracted
        if create:
            with transaction.atomic():
                conclude(lock_payment(attempt.intent_id))
            attempt.intent.refresh_from_db()


def news(kind: SubjectKind, status: str, amount: int, reference: str = "", **values: Any) -> News:
    """Make one piece of a provider's news, in euros unless told otherwise."""
    currency = values.pop("currency", "EUR")
    references = (Reference(kind.value, reference),) if reference else ()
    return News(
        kind=kind, status=status, amount=Money(amount, currency), references=references, **values
    )


def paid_snapshot(attempt: PaymentAttempt, amount: int | None = None) -> Snapshot:
    """Make what a provider says of a paid attempt."""
    taken = attempt.amount if amount is None else amount
    currency = attempt.currency
    return Snapshot(
        attempt=news(
            SubjectKind.ATTEMPT,
            "authorised",
            taken,
            f"pay-{attempt.public_id}",
            our_id=attempt.public_id,
            currency=currency,
        ),
        captures=(
            news(
                SubjectKind.CAPTURE,
                "succeeded",
                taken,
                f"cap-{attempt.public_id}",
                currency=currency,
            ),
        ),
    )


def paid_capture(*, invoice: Invoice | None = None, **values: Any) -> Capture:
    """Make a capture the way money comes in: an attempt, and news that it is paid."""
    customer: Customer = (
        invoice.customer if invoice is not None else values.pop("customer", None)
    ) or CustomerFactory.create()
    amount = values.pop("amount", invoice.open_amount if invoice is not None else 10_000)
    intent = PaymentIntentFactory.create(customer=customer, amount=amount, **values)
    if invoice is not None:
        intent.items.create(invoice=invoice, amount=min(amount, invoice.open_amount))
    attempt = PaymentAttemptFactory.create(session__intent=intent, intent=intent)
    apply_snapshot(account=attempt.account, snapshot=paid_snapshot(attempt), source=Source.WEBHOOK)
    return Capture.objects.get(attempt=attempt)


def asked_refund(capture: Capture, amount: int = 15_000, by: User | None = None) -> Refund:
    """Ask for a refund as an agent does: above 100 euros it waits for a second person."""
    return request_refund(
        capture_id=capture.pk,
        amount=Money(amount, capture.currency),
        reason="agreed",
        requested_by=by or people.agent(),
    )
