"""What ways to pay are called, and a word on each, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from payments.models import PaymentMethod

NAMES: dict[str, StrOrPromise] = {
    "mobilepay": "MobilePay",
    "card": _("Card"),
    "bank": _("Online bank"),
    "klarna": "Klarna",
}
HINTS: dict[str, StrOrPromise] = {
    "mobilepay": _("fastest"),
    "card": "Visa, Mastercard",
    "bank": _("OP, Nordea, S-Bank …"),
    "klarna": _("pay later"),
}


def name_of(method: str) -> str:
    """Return the name of a method; one without a name of its own gets a readable one."""
    return str(NAMES.get(method) or method.replace("_", " ").capitalize())


def noun_of(method: str) -> str:
    """Return the name as it stands within a sentence: a brand as it is, a noun in small letters."""
    name = name_of(method)
    return name if is_brand(method) else name[:1].lower() + name[1:]


def is_brand(method: str) -> bool:
    """Say whether the customer's own app of that name asks for the payment."""
    return isinstance(NAMES.get(method), str)


def hint_of(method: str) -> str:
    """Return the word that stands beside a method, or nothing."""
    return str(HINTS.get(method, ""))


def label_of(method: PaymentMethod) -> str:
    """Return what a saved way to pay is called: Visa ·· 4242."""
    name = method.brand.capitalize() if method.brand else capfirst(name_of(method.method))
    return f"{name} ·· {method.last4}" if method.last4 else name
