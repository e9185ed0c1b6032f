"""Whose pages to look at, and how many statements each takes: a busy customer and a quiet one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.urls import reverse

from bench.inside import answer
from bench.inside.paid import LINK
from bench.inside.signing_in import signed_in
from bench.inside.statements import counted
from core.models import User
from core.money import Money
from crm.models import Customer
from orders.models import Invoice
from payments.models import PaymentIntent
from payments.services.intents import NewIntent, create_intent
from payments.services.links import open_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.test import Client

SAMPLE = 100
TABS = ("", "pay/", "orders/", "timeline/", "notes/")
# Who is asking, and until when: read for every page of the house.
OF_THE_PERSON = ("core_user", "django_session")
BUSY = """
    SELECT customer_id FROM payments_paymentintent GROUP BY customer_id
     ORDER BY count(*) DESC LIMIT 1
"""
QUIET = """
    SELECT intent.customer_id FROM payments_paymentintent intent
      JOIN orders_invoice invoice ON invoice.customer_id = intent.customer_id
     WHERE invoice.open_amount > 0
     GROUP BY intent.customer_id HAVING count(DISTINCT intent.id) = 1 LIMIT 1
"""


def chosen(statement: str) -> Customer:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return Customer.objects.get(pk=cursor.fetchone()[0])


def send_link(customer: Customer, actor: User) -> None:
    """Ask for the oldest open invoice, so that the page has a payment to follow."""
    invoice = Invoice.objects.open_items(customer.pk)[0]
    money = Money(invoice.open_amount, invoice.currency)
    wanted = NewIntent(customer=customer, amount=money, invoices=[invoice])
    intent = create_intent(wanted, actor=actor)
    open_link(intent_id=intent.pk, actor=actor, destination=LINK)


def statements(client: Client, path: str) -> list[str]:
    for _ in range(2):
        with counted() as told:
            status = client.get(path).status_code
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
    return [sql for sql, _ in told]


def look(client: Client, customer: Customer) -> dict[str, object]:
    """The statements of each tab, and those of the costliest that are about the customer."""
    path = reverse("crm:customer", args=[customer.public_id])
    told = {tab: statements(client, path + tab) for tab in TABS}
    return {
        "path": path,
        "payments": PaymentIntent.objects.filter(customer=customer).count(),
        "statements": [len(it) for it in told.values()],
        "own": max(len(of_the_customer(it)) for it in told.values()),
        "told": told,
    }


def of_the_customer(told: Sequence[str]) -> list[str]:
    return [sql for sql in told if not any(f'FROM "{table}"' in sql for table in OF_THE_PERSON)]


def main() -> None:
    actor = User.objects.get(username="agent")
    client = signed_in()
    pages = {}
    for name, statement in {"busy": BUSY, "quiet": QUIET}.items():
        customer = chosen(statement)
        send_link(customer, actor)
        pages[name] = look(client, customer)
    others = Customer.objects.current().order_by("public_id")[:SAMPLE]
    answer({**pages, "others": [reverse("crm:customer", args=[it.public_id]) for it in others]})


if __name__ == "__main__":
    main()
