"""A customer who owes, and what is promised, paid and told of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from core.jobs import business_date
from core.money import Money
from crm.models import Customer, TimelineEntry
from orders.models import InvoiceHold, PromiseToPay
from orders.services import promises
from orders.services.allocate import record_payment
from orders.services.promises import Promised
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory

if TYPE_CHECKING:
    from orders.models import Invoice


class Scene:
    """A customer who owes 79.90 and 105.00 euros."""

    def __init__(self) -> None:
        self.user = agent()
        self.customer: Customer = CustomerFactory.create()
        self.fibre: Invoice = InvoiceFactory.create(customer=self.customer, total=7_990)
        self.router: Invoice = InvoiceFactory.create(customer=self.customer, total=10_500)

    def promise(self, amount: int = 18_490, days: int = 7, **changes: Any) -> PromiseToPay:
        invoices = changes.get("invoices", [self.fibre, self.router])
        said = Promised(
            changes.get("customer", self.customer),
            [invoice.pk for invoice in invoices],
            Money(amount, changes.get("currency", "EUR")),
            business_date() + dt.timedelta(days=days),
        )
        return promises.make_promise(said, actor=self.user)

    def pay(self, invoice: Invoice, amount: int, source: str = "") -> None:
        name = source or f"cap_{invoice.pk}_{amount}"
        record_payment(
            invoices=[(invoice.pk, Money(amount, "EUR"))], source_id=name, cause=f"{name}:1"
        )

    def let_days_pass(self, promise: PromiseToPay, days: int) -> None:
        PromiseToPay.objects.filter(pk=promise.pk).update(
            due_on=promise.due_on - dt.timedelta(days=days)
        )


@pytest.fixture
def scene() -> Scene:
    return Scene()


def status_of(promise: PromiseToPay) -> str:
    promise.refresh_from_db()
    return promise.status


def held() -> int:
    return InvoiceHold.objects.in_force().count()


def told() -> list[str]:
    return list(TimelineEntry.objects.order_by("pk").values_list("kind", flat=True))
