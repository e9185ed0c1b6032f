"""Somebody who owes, and the program that asks for it over the API."""

from __future__ import annotations

from typing import Any

from core import policy
from crm.models import Customer
from orders.models import Invoice
from payments.models import PaymentIntent
from tests.api import Api
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory


class Owing:
    """A customer who owes 100 euros, and a program that may ask for them."""

    def __init__(self) -> None:
        self.customer: Customer = CustomerFactory.create(phone="+358401234567")
        self.invoice: Invoice = InvoiceFactory.create(customer=self.customer, total=10_000)
        self.api = Api(*policy.Permission)

    def wanted(self, **changes: Any) -> dict[str, Any]:
        whole = {
            "customer": self.customer.public_id,
            "amount": 10_000,
            "currency": "EUR",
            "invoices": [self.invoice.public_id],
        }
        return {name: value for name, value in (whole | changes).items() if value is not None}

    def ask(self, **changes: Any) -> Any:
        return self.api.post("payment-intents", self.wanted(**changes))

    def intent(self, **changes: Any) -> PaymentIntent:
        answer = self.ask(**changes)
        assert answer.status_code == 201, answer.data
        return PaymentIntent.objects.get(public_id=answer.data["id"])

    def open_link(self, intent: PaymentIntent, **values: Any) -> Any:
        return self.api.post("checkout-sessions", {"payment_intent": intent.public_id, **values})


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.data["errors"]]
