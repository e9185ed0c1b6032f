"""What the templates of orders write with, beside `desk`."""

from __future__ import annotations

from django import template

from core.money import Money
from core.writing import reader_locale, write_money
from orders import writing
from orders.models import StockHold
from orders.reference_numbers import print_reference

register = template.Library()

STOCK_TONES = {
    StockHold.Status.HELD: "wait",
    StockHold.Status.TAKEN: "paid",
    StockHold.Status.MISSING: "fail",
}


@register.filter
def rate(vat_bp: int) -> str:
    """Write a tax rate in basis points as per cent."""
    return writing.write_rate(vat_bp, reader_locale())


@register.filter
def reference(number: str) -> str:
    """Write a reference number in groups."""
    return print_reference(number)


@register.filter
def fours(number: str) -> str:
    """Write an IBAN or a reference in groups of four, as it is read aloud."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


@register.filter
def in_currency(minor: int, currency: str) -> str:
    """Write minor units of a currency as money."""
    return write_money(Money(minor, currency))


@register.filter
def stock_tone(hold: StockHold) -> str:
    """The colour of what became of held stock."""
    return STOCK_TONES.get(StockHold.Status(hold.status), "")
