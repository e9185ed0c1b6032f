"""A moment with something of everything on the board, and beside each what must not be counted."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from core.jobs import business_date
from crm.models import Call, OutgoingMessage
from orders.models import Instalment, InstalmentPlan, PromiseToPay
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentIntent,
    ProviderOperation,
    WebhookEvent,
)
from tests.factories import calls, feedback, reporting
from tests.factories.core import UserFactory
from tests.factories.crm import CustomerFactory, OutgoingMessageFactory
from tests.factories.payments import (
    CheckoutSessionFactory,
    PaymentAttemptFactory,
    PaymentIntentFactory,
    ProviderAccountFactory,
    asked_refund,
)

if TYPE_CHECKING:
    from core.models import User
    from payments.models import ProviderAccount

DAYS = dt.timedelta(days=2)

_ids = count(1)


def person(name: str) -> User:
    """Somebody with a telephone."""
    made: User = UserFactory.create(first_name=name, last_name="Virtanen")
    return made


def ringing(name: str) -> Call:
    """A call that rings at somebody."""
    return calls.ring(person(name))


def on_line(name: str, *, is_held: bool = False) -> Call:
    """A call that somebody has answered, and perhaps put on hold."""
    call = calls.tell(ringing(name), "answered")
    return calls.tell(call, "held", 9) if is_held else call


def answered(name: str) -> Call:
    """A call that is over."""
    return calls.tell(on_line(name), "ended", 50)


def missed(name: str) -> Call:
    """A call that nobody took."""
    return calls.tell(ringing(name), "ended", 50)


def days_ago(call: Call) -> None:
    """Let a call have begun on another day."""
    Call.objects.filter(pk=call.pk).update(created_at=timezone.now() - DAYS)


def delivery(account: ProviderAccount, state: str, *, minutes: int = 1) -> None:
    """A delivery of a provider, received so many minutes ago."""
    received_at = timezone.now() - dt.timedelta(minutes=minutes)
    WebhookEvent.objects.create(
        account=account,
        event_id=f"event-{next(_ids)}",
        kind="payment.paid",
        state=state,
        next_at=received_at,
        received_at=received_at,
    )


def operation(account: ProviderAccount, status: str) -> None:
    """A request to a provider, and what became of it."""
    attempt = PaymentAttemptFactory.create(account=account)
    ProviderOperation.objects.create(
        account=account,
        kind=ProviderOperation.Kind.CREATE,
        key=f"key-{next(_ids)}",
        request_hash="h",
        intent=attempt.intent,
        attempt=attempt,
        amount=attempt.amount,
        currency=attempt.currency,
        status=status,
        send_at=timezone.now(),
        send_until=timezone.now(),
    )


def undelivered(status: str, *, on_another_day: bool = False) -> None:
    """A message and what became of it."""
    made: OutgoingMessage = OutgoingMessageFactory.create(status=status)
    if on_another_day:
        OutgoingMessage.objects.filter(pk=made.pk).update(created_at=timezone.now() - DAYS)


def in_review(currency: str = "EUR", *, needs: bool = True) -> None:
    """A payment that a person should look at, or need not."""
    reasons = ["overpaid"] if needs else []
    intent = PaymentIntentFactory.create(currency=currency)
    PaymentIntent.objects.filter(pk=intent.pk).update(needs_review=needs, review_reasons=reasons)


def promise(days: int, *, currency: str = "EUR", **ended: dt.datetime) -> None:
    """A promise to pay in so many days, and how it ended."""
    PromiseToPay.objects.create(
        customer=CustomerFactory.create(),
        amount=5_000,
        currency=currency,
        due_on=business_date() + dt.timedelta(days=days),
        made_by=UserFactory.create(),
        **ended,
    )


def _promises() -> None:
    now = timezone.now()
    promise(0)
    promise(0, currency="JPY")
    promise(0, kept_at=now)
    promise(0, withdrawn_at=now)
    promise(1)
    promise(-1, broken_at=now)
    promise(-1, broken_at=now, currency="JPY")
    promise(-2, broken_at=now)
    promise(-4, broken_at=now - DAYS)
    promise(-1, kept_at=now)


def _answers() -> None:
    """Two unhappy answers of today, one of another day, and a happy one."""
    feedback.answered(1)
    feedback.answered(2, "Waited too long")
    feedback.moved(feedback.answered(1), answered_at=timezone.now() - DAYS)
    feedback.answered(3)
    feedback.asked()
    for call in Call.objects.filter(feedback__isnull=False):
        days_ago(call)


def instalment(days: int, *, currency: str = "EUR", ended: bool = False, **went: Any) -> None:
    """A part of a plan that is due in so many days, and how it ended."""
    plan = InstalmentPlan.objects.create(
        customer=CustomerFactory.create(),
        amount=5_000,
        currency=currency,
        rhythm="monthly",
        way="link",
        made_by=UserFactory.create(),
        withdrawn_at=timezone.now() if ended else None,
    )
    due_on = business_date() + dt.timedelta(days=days)
    Instalment.objects.create(plan=plan, position=1, amount=5_000, due_on=due_on, **went)


def _instalments() -> None:
    now = timezone.now()
    instalment(0)
    instalment(0, currency="JPY", asked_at=now)
    instalment(0, paid_at=now)
    instalment(0, ended=True)
    instalment(1)
    instalment(-4, missed_at=now)
    instalment(-8, missed_at=now - DAYS)


def earlier(attempt: PaymentAttempt, **ago: int) -> None:
    """Let an attempt have begun earlier."""
    begun_at = timezone.now() - dt.timedelta(**ago)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(created_at=begun_at)


def _calls() -> None:
    ringing("Aino")
    ringing("Eero")
    on_line("Kaisa")
    on_line("Olli", is_held=True)
    on_line("Liisa")
    for name in ("Maija", "Matti"):
        answered(name)
    for name in ("Pekka", "Sari", "Timo", "Ulla"):
        missed(name)
    for of_another_day in (ringing("Veikko"), on_line("Yrjö"), answered("Åke"), missed("Ärla")):
        days_ago(of_another_day)


def _links() -> None:
    for amount, currency in [(2_500, "EUR"), (1_000, "EUR"), (300, "JPY")]:
        intent = PaymentIntentFactory.create(amount=amount, currency=currency)
        CheckoutSessionFactory.create(intent=intent)
    CheckoutSessionFactory.create(opened_at=timezone.now())
    CheckoutSessionFactory.create(expires_at=timezone.now() - dt.timedelta(minutes=1))
    CheckoutSessionFactory.create(kind=CheckoutSession.Kind.KEYED)


def busy_moment() -> None:
    """Make two or more of everything that is counted, and one that is not, beside it."""
    reporting.busy_day()
    account = ProviderAccountFactory.create(name="Worldline")
    _calls()
    _links()
    _promises()
    _answers()
    _instalments()
    for _ in range(2):
        asked_refund(reporting.taken(account, "card", 20_000))
    for status in ("unknown", "unknown", "done", "sent"):
        operation(account, status)
    for state in ("received", "claimed", "received", "parked", "parked", "done", "rejected"):
        delivery(account, state, minutes=7)
    for status in ("failed", "failed", "unknown", "sent", "queued"):
        undelivered(status)
    undelivered("failed", on_another_day=True)
    in_review()
    in_review("JPY")
    in_review(needs=False)
    earlier(reporting.ended(account, "card", "declined"), days=1)
