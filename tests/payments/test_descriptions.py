"""What a payment is said to be for, where nobody wrote it."""

from __future__ import annotations

from itertools import count

import pytest

from core import pan
from core.money import Money
from payments.models import PaymentIntent
from payments.services.intents import NewIntent, create_intent
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory

pytestmark = pytest.mark.django_db


def asked_for(numbers: list[str], language: str = "fi") -> str:
    """The description of a payment for invoices with these numbers, as it was kept."""
    customer = CustomerFactory.create(language=language)
    invoices = [InvoiceFactory.create(customer=customer, number=number) for number in numbers]
    owed = Money(sum(invoice.total for invoice in invoices), "EUR")
    wanted = NewIntent(customer=customer, amount=owed, invoices=invoices)
    intent = create_intent(wanted, actor=agent())
    return PaymentIntent.objects.get(pk=intent.pk).description


def test_one_invoice_is_named_by_its_number() -> None:
    assert asked_for(["105659"]) == "105659"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "invoice 105659, invoice 105660"),
        ("fi", "lasku 105659, lasku 105660"),
        ("sv", "faktura 105659, faktura 105660"),
    ],
)
def test_several_are_named_in_the_customers_language(language: str, said: str) -> None:
    assert asked_for(["105659", "105660"], language) == said


def test_numbers_that_together_look_like_a_card_are_kept_whole() -> None:
    first = next(n for n in count(400_000) if pan.looks_like_card(f"{n}, {n + 1}, {n + 2}"))
    numbers = [str(first + after) for after in range(3)]

    assert asked_for(numbers, "en") == ", ".join(f"invoice {number}" for number in numbers)


def test_what_does_not_fit_is_left_out_whole() -> None:
    numbers = [str(500_000 + after) for after in range(20)]

    said = asked_for(numbers, "en")

    assert len(said) <= 200
    assert said.endswith("…")
    assert said.count("invoice 500") == 12
