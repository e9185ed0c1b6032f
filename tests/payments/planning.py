"""An agent whose customer pays in instalments, with a card that was kept or without."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.jobs import business_date
from core.money import Money
from orders.models import Instalment, InstalmentPlan
from orders.services.plans import Planned
from payments.models import PaymentMethod
from payments.services import checkout, operations, planning
from payments.services.intents import NewIntent, create_intent
from tests.factories.orders import InvoiceFactory
from tests.payments.taking import Desk as TakingDesk
from tests.payments.taking import sandbox, sandbox_process

__all__ = ["PAYS_ONCE", "Desk", "desk", "sandbox", "sandbox_process"]

PAYS_ONCE = "4000000000000341"
TOMORROW = business_date() + dt.timedelta(days=1)


class Desk(TakingDesk):
    """The same desk; the customer owes 100 euros, and 50 more."""

    def __init__(self, sandbox: Any) -> None:
        super().__init__(sandbox)
        self.other = InvoiceFactory.create(customer=self.customer, total=5_000)

    def kept(self, card: str = "4242424242424242") -> PaymentMethod:
        """A card that the customer let be kept, by paying 7 euros with it."""
        wanted = NewIntent(customer=self.customer, amount=Money(700, "EUR"), allows_surplus=True)
        session = self.link(create_intent(wanted, actor=self.agent))
        attempt = checkout.choose_method(session_id=session.pk, method="card", saves_method=True)
        self.sandbox.pay(attempt.page_url, card=card)
        self.poll()
        return PaymentMethod.objects.get()

    def planned(self, **changes: Any) -> Planned:
        values: dict[str, Any] = {
            "customer": self.customer,
            "invoice_ids": [self.invoice.pk, self.other.pk],
            "amount": Money(15_000, "EUR"),
            "parts": 3,
            "first_on": business_date(),
        }
        return Planned(**{**values, **changes})

    def agree(self, method: PaymentMethod | None = None, **changes: Any) -> InstalmentPlan:
        plan = planning.agree(self.planned(**changes), actor=self.agent, method=method)
        operations.drain()
        return plan

    def part(self, plan: InstalmentPlan, position: int) -> Instalment:
        return Instalment.objects.select_related("plan").get(plan=plan, position=position)

    def let_fall_due(self, plan: InstalmentPlan, position: int) -> Instalment:
        Instalment.objects.filter(plan=plan, position=position).update(due_on=business_date())
        return self.part(plan, position)


@pytest.fixture
def desk(sandbox: Any) -> Desk:
    return Desk(sandbox)
