"""An agent, a customer who owes, and a sandbox to pay at: what flows are told with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from core.money import Money
from payments.models import (
    Capture,
    CheckoutSession,
    PaymentAttempt,
    PaymentIntent,
    ProviderOperation,
    Refund,
)
from payments.services import checkout, links, reading, resolver
from payments.services.destinations import Destination
from payments.services.intents import NewIntent, create_intent
from payments.services.refunds import request_refund
from tests.factories.core import finance
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import ProviderAccountFactory
from tests.sandbox.server import SandboxServer, sandbox, sandbox_process

if TYPE_CHECKING:
    from core.models import User

__all__ = ["Desk", "desk", "sandbox", "sandbox_process"]


class Desk:
    """An agent, a customer who owes 100 euros, and a sandbox to pay at."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        self.agent: User = finance()
        self.customer = CustomerFactory.create(phone="+358401234567")
        self.invoice = InvoiceFactory.create(customer=self.customer, total=10_000)
        self.account = ProviderAccountFactory.create(credentials=sandbox.credentials)
        self.place = Destination("sms", "+358401234567", "fi")

    def intent(self, amount: int = 10_000, *, allows_surplus: bool = False) -> PaymentIntent:
        wanted = NewIntent(
            customer=self.customer,
            amount=Money(amount, "EUR"),
            invoices=[self.invoice],
            allows_surplus=allows_surplus,
        )
        return create_intent(wanted, actor=self.agent)

    def link(self, intent: PaymentIntent, *, replaces: bool = False) -> CheckoutSession:
        return links.open_link(
            intent_id=intent.pk,
            actor=self.agent,
            destination=self.place,
            replaces_open_page=replaces,
        )

    def paid(self) -> Capture:
        session = self.link(self.intent())
        attempt = checkout.choose_method(session_id=session.pk, method="card")
        self.sandbox.pay(attempt.page_url)
        self.poll()
        return Capture.objects.get(attempt=attempt)

    def poll(self) -> None:
        PaymentAttempt.objects.filter(poll_at__isnull=False).update(poll_at=timezone.now())
        reading.drain()

    def resolve(self) -> None:
        ProviderOperation.objects.filter(resolve_at__isnull=False).update(
            resolve_at=timezone.now(), lease_until=None
        )
        resolver.run()

    def refund(self, capture: Capture, amount: int) -> Refund:
        return request_refund(
            capture_id=capture.pk,
            amount=Money(amount, "EUR"),
            reason="agreed",
            requested_by=self.agent,
        )


@pytest.fixture
def desk(sandbox: SandboxServer) -> Desk:
    return Desk(sandbox)
