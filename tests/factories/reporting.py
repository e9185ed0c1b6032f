"""A day with something of everything in its figures."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import TYPE_CHECKING

from django.utils import timezone

from core.jobs import business_date
from payments.models import Capture, PaymentAttempt, ProviderAccount
from payments.models.events import Source
from payments.providers.base import News, Snapshot, SubjectKind
from payments.seeding import PaidInvoice, seed_paid
from payments.services.apply import apply_snapshot
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import (
    CheckoutSessionFactory,
    PaymentAttemptFactory,
    PaymentIntentFactory,
    ProviderAccountFactory,
    news,
    paid_snapshot,
)

if TYPE_CHECKING:
    from crm.models import Customer


def begun(
    account: ProviderAccount, method: str, amount: int = 10_000, currency: str = "EUR"
) -> PaymentAttempt:
    """Let a customer be at a provider's page."""
    intent = PaymentIntentFactory.create(amount=amount, currency=currency)
    session = CheckoutSessionFactory.create(intent=intent)
    return PaymentAttemptFactory.create(session=session, account=account, method=method)


def taken(
    account: ProviderAccount, method: str, amount: int = 10_000, currency: str = "EUR"
) -> Capture:
    """Let a customer have paid."""
    attempt = begun(account, method, amount, currency)
    apply_snapshot(account=account, snapshot=paid_snapshot(attempt), source=Source.WEBHOOK)
    return Capture.objects.get(attempt=attempt)


def ended(account: ProviderAccount, method: str, status: str) -> PaymentAttempt:
    """Let an attempt end without money."""
    attempt = begun(account, method)
    word = news(SubjectKind.ATTEMPT, status, 0, our_id=attempt.public_id)
    apply_snapshot(account=account, snapshot=Snapshot(attempt=word), source=Source.WEBHOOK)
    return attempt


def told(capture: Capture, *more: News) -> None:
    """Let the provider of a capture tell more: refunds, disputes, or that it failed."""
    attempt = capture.attempt
    taken = news(
        SubjectKind.CAPTURE,
        "succeeded",
        capture.amount,
        our_id=capture.public_id,
        currency=capture.currency,
    )
    snapshot = Snapshot(
        attempt=paid_snapshot(attempt).attempt,
        captures=tuple(one for one in more if one.kind == SubjectKind.CAPTURE) or (taken,),
        refunds=tuple(one for one in more if one.kind == SubjectKind.REFUND),
        disputes=tuple(one for one in more if one.kind == SubjectKind.DISPUTE),
    )
    apply_snapshot(account=attempt.account, snapshot=snapshot, source=Source.WEBHOOK)
    capture.refresh_from_db()


def refunded(capture: Capture, amount: int) -> None:
    """Give back some of a capture."""
    name = f"re-{capture.public_id}"
    told(capture, news(SubjectKind.REFUND, "succeeded", amount, name, currency=capture.currency))


def disputed(capture: Capture, amount: int, status: str = "needs_response") -> None:
    """Let the customer's bank ask some of it back."""
    name = f"dp-{capture.public_id}"
    told(capture, news(SubjectKind.DISPUTE, status, amount, name, currency=capture.currency))


def failed(capture: Capture) -> None:
    """Let money that was taken fall back."""
    told(capture, news(SubjectKind.CAPTURE, "failed", capture.amount, our_id=capture.public_id))


def paid_at(account: ProviderAccount, *moments: dt.datetime) -> list[Capture]:
    """Make captures of 100 euros as they were posted at instants in the past. Once a test."""
    paid = [PaidInvoice(InvoiceFactory.create(total=10_000).pk, moment) for moment in moments]
    seed_paid(paid, account=account, rng=Random(1))
    return list(Capture.objects.filter(attempt__account=account).order_by("pk"))


def owing(days_late: int, amount: int = 10_000, currency: str = "EUR") -> Customer:
    """Make a customer whose invoice has been overdue for that many days; negative is to come."""
    customer: Customer = CustomerFactory.create()
    due_on = business_date() - dt.timedelta(days=days_late)
    InvoiceFactory.create(customer=customer, total=amount, currency=currency, due_on=due_on)
    return customer


def busy_day() -> None:
    """Make one of everything: two providers, two currencies, money back, ends, debts, links."""
    nets = ProviderAccountFactory.create(name="Nets")
    paytrail = ProviderAccountFactory.create(name="Paytrail")
    refunded(taken(nets, "card", 18_490), 4_990)
    taken(nets, "card", 5_000)
    taken(nets, "mobilepay", 7_990)
    disputed(taken(paytrail, "card", 3_000), 3_000)
    taken(paytrail, "card", 1_200, "JPY")
    failed(taken(paytrail, "bank", 6_400))
    ended(nets, "card", "declined")
    ended(paytrail, "bank", "expired")
    begun(nets, "mobilepay", 2_500)
    for days_late, amount in [(-3, 1_000), (0, 1_100), (1, 1_200), (15, 1_300), (31, 1_400)]:
        owing(days_late, amount)
    owing(5, 900, "JPY")
    CheckoutSessionFactory.create(opened_at=timezone.now())
    CheckoutSessionFactory.create(expires_at=timezone.now() - dt.timedelta(minutes=1))
