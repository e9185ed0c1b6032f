"""An agent's browser beside a customer who owes, for tests of the desk."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from core.ids import make_public_id
from core.jobs import business_date
from payments.models import PaymentIntent, PaymentMethod
from tests.clients import signed_in
from tests.factories import core as people
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import ProviderAccountFactory

if TYPE_CHECKING:
    from django.test import Client

    from core.models import User
    from crm.models import Customer
    from orders.models import Invoice

PHONE = "sms:+358401234567"
EMAIL = "email:aino@example.com"
HTMX = {"HX-Request": "true"}


class Desk:
    """An agent's browser and a customer who owes 79.90 (overdue) and 105.00 euros."""

    def __init__(self, user: User | None = None) -> None:
        self.user = user or people.agent()
        self.client: Client = signed_in(self.user)
        self.customer: Customer = CustomerFactory.create(
            phone="+358401234567", email="aino@example.com"
        )
        today = business_date()
        self.router: Invoice = InvoiceFactory.create(
            customer=self.customer, total=10_500, description="Router"
        )
        self.fibre: Invoice = InvoiceFactory.create(
            customer=self.customer,
            total=7_990,
            due_on=today - dt.timedelta(days=12),
            issued_on=today - dt.timedelta(days=26),
        )

    def browser(self) -> Client:
        """One more browser in which the same agent has signed in."""
        return signed_in(self.user)

    def fields(self, **changes: Any) -> dict[str, Any]:
        return {
            "operation": make_public_id("op"),
            "currency": "EUR",
            "items": [self.fibre.public_id, self.router.public_id],
            "amount": "€184.90",
            "shown": "€184.90",
            "destination": PHONE,
            **changes,
        }

    def take(self, **changes: Any) -> Any:
        return self.post(f"/customers/{self.customer.public_id}/pay/send/", self.fields(**changes))

    def post(self, path: str, data: dict[str, Any] | None = None) -> Any:
        fields = {"operation": make_public_id("op"), **(data or {})}
        return self.client.post(path, fields, headers=HTMX)

    def get(self, path: str) -> Any:
        return self.client.get(path, headers=HTMX)

    def act(self, intent: PaymentIntent, act: str, **data: Any) -> Any:
        return self.post(f"/payments/{intent.public_id}/{act}/", data)

    def page(self) -> str:
        path = f"/customers/{self.customer.public_id}/pay/"
        return str(self.client.get(path).content.decode())

    def sent(self) -> PaymentIntent:
        """A payment whose link was sent just now."""
        assert self.take().status_code == 200
        return PaymentIntent.objects.latest("pk")

    def saved_card(self) -> PaymentMethod:
        """A card that the customer let be kept."""
        return PaymentMethod.objects.create(
            customer=self.customer,
            account=ProviderAccountFactory.create(),
            method="card",
            brand="visa",
            last4="4242",
            token={"token": "tok"},
            token_digest=make_public_id("t"),
        )
