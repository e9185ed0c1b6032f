"""Customers with everything that can be seen of a payment. Made by the API, as shops do it."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from core.jobs import business_date
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from tests.browser.shop import Shop

GOOD, DECLINED = "4242424242424242", "4000000000000002"
ADDRESS_TO = re.compile(r"url=(\S+)")
VAT = 2550

_numbers = itertools.count(1234)


@dataclass(frozen=True, slots=True)
class Caller:
    """A customer who owes 184.90 euros: 79.90 for fibre, overdue, and 105.00 for a router."""

    id: str
    name: str
    phone: str
    email: str
    invoices: tuple[str, ...]

    @property
    def page(self) -> str:
        return f"/customers/{self.id}/"

    @property
    def last_digits(self) -> str:
        return self.phone[-7:]


def new_caller(shop: Shop, name: str = "Aino Lehtinen", *, is_reachable: bool = True) -> Caller:
    """Write down somebody who owes, whom nobody else has touched."""
    # The gateway of the sandbox reaches no number that ends in 000.
    number = f"+35840{next(_numbers)}{567 if is_reachable else '000'}"
    email = f"{name.split(maxsplit=1)[0].lower()}.{number[-7:-3]}@example.fi"
    made = shop.post(
        "customers",
        name=name,
        language="fi",
        phones=[number],
        emails=[email],
        preferred_channel="sms",
        preferred_method="mobilepay",
        note="Prefers to be called in the afternoon.",
        external_ids={"billing": f"B-{number[-7:]}"},
    )
    fibre = _invoice(shop, made["id"], "Fibre 200 M, October", 7_990, days=14)
    router = _invoice(shop, made["id"], "Router", 10_500, days=9)
    _let_time_pass(shop, made["id"], fibre)
    return Caller(made["id"], name, number, email, (fibre, router))


def _invoice(shop: Shop, customer: str, what: str, amount: int, *, days: int) -> str:
    lines = [{"description": what, "unit_price": amount, "vat_bp": VAT}]
    order = shop.post("orders", customer=customer, currency="EUR", lines=lines)
    due_on = str(business_date() + timedelta(days=days))
    made = shop.post("invoices", order=order["id"], due_on=due_on, description=what)
    return str(made["id"])


def _let_time_pass(shop: Shop, customer: str, invoice: str) -> None:
    """A customer since 2021, with an invoice that was due twelve days ago."""
    shop.sql("UPDATE crm_customer SET created_at = '2021-03-02' WHERE public_id = %s", customer)
    shop.sql(
        "UPDATE orders_invoice SET issued_on = issued_on - 26, due_on = issued_on - 12,"
        " created_at = created_at - interval '26 days' WHERE public_id = %s",
        invoice,
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A payment that was asked for, and the address of its pay page."""

    intent: str
    session: str
    address: str


def ask(shop: Shop, caller: Caller, *, sends: bool = True) -> Asked:
    """Ask for everything the caller owes, by a link that is sent or only made."""
    intent = shop.post(
        "payment-intents",
        customer=caller.id,
        amount=18_490,
        currency="EUR",
        invoices=list(caller.invoices),
    )
    place = {"channel": "sms", "destination": caller.phone} if sends else {}
    session = shop.post("checkout-sessions", payment_intent=intent["id"], **place)
    return Asked(intent["id"], session["id"], session["url"])


def choose(shop: Shop, asked: Asked, method: str) -> str:
    """Choose a method on the pay page, and return the provider's page."""

    elsewhere = shop.from_elsewhere()

    def found() -> str:
        # On a machine that is busy elsewhere the provider may need longer than a customer waits.
        shop.web.post(f"{asked.address}method/", data={"method": method}, headers=elsewhere)
        onward = shop.web.get(f"{asked.address}onward/")
        match = ADDRESS_TO.search(onward.headers.get("refresh", ""))
        return match[1] if match else ""

    return wait_for(found)


def enter_card(shop: Shop, page: str, card: str) -> None:
    assert shop.web.post(page, data={"card": card}).is_redirect


def pay(shop: Shop, asked: Asked) -> None:
    """Pay by card, and wait until we know."""
    enter_card(shop, choose(shop, asked, "card"), GOOD)
    wait_for(lambda: intent_of(shop, asked)["status"] == "succeeded")


def pay_too_much(shop: Shop, caller: Caller, amount: int) -> Asked:
    """Pay more than the first invoice asks for: the rest of the payment is free."""
    intent = shop.post(
        "payment-intents",
        customer=caller.id,
        amount=amount,
        currency="EUR",
        invoices=[caller.invoices[0]],
        allow_surplus=True,
    )
    session = shop.post("checkout-sessions", payment_intent=intent["id"])
    asked = Asked(intent["id"], session["id"], session["url"])
    pay(shop, asked)
    return asked


def intent_of(shop: Shop, asked: Asked) -> dict[str, object]:
    return shop.get(f"payment-intents/{asked.intent}")


def refunds_of(shop: Shop, intent: str) -> list[dict[str, object]]:
    return shop.rows("refunds", payment_intent=intent)


def receipt_address(shop: Shop, caller: Caller) -> str:
    """The receipt's address, from the message that brought it."""
    told = wait_for(lambda: [m for m in shop.messages(caller.phone) if "/receipt/" in m["text"]])
    found = re.search(r"https?://\S+/receipt/\S+", told[0]["text"])
    assert found
    return found[0]
