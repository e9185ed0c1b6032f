"""The printed invoice: its words and figures, in the customer's language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from core.money import Money, format_money
from core.writing import locale_of, write_day
from orders.documents.typst import render_pdf
from orders.reference_numbers import print_reference
from orders.writing import write_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crm.models import Customer
    from orders.models import Invoice

TEMPLATE = Path(__file__).with_name("invoice.typ")
IBAN_GROUP = 4


def invoice_pdf(invoice: Invoice, language: str = "") -> bytes:
    """Print an invoice as it was sent, in its customer's language unless another is asked for."""
    return render_pdf(TEMPLATE, invoice_data(invoice, language))


def invoice_data(invoice: Invoice, language: str = "") -> dict[str, Any]:
    """Everything the template prints, already written out. Three statements for any invoice."""
    language = language or invoice.customer.language
    with translation.override(language):
        title = _("Invoice %(number)s") % {"number": invoice.number}
        return {
            "language": language,
            "title": title,
            "heading": _("Invoice"),
            "description": invoice.description,
            "seller": seller(),
            "recipient": _recipient(invoice.customer),
            "facts": _facts(invoice, locale_of(language)),
            "lines": _lines(invoice, locale_of(language)),
            "vat": _vat(invoice, locale_of(language)),
            "totals": _totals(invoice, locale_of(language)),
            "payment": _payment(invoice, locale_of(language)),
        }


def seller() -> dict[str, Any]:
    """Who sends the document, as the settings say; for any template built on `letter.typ`."""
    parts = [settings.MERCHANT_NAME, settings.MERCHANT_BUSINESS_ID]
    return {
        "name": settings.MERCHANT_NAME,
        "address": settings.MERCHANT_ADDRESS,
        "footer": " · ".join(part for part in parts if part),
    }


def _recipient(customer: Customer) -> dict[str, Any]:
    town = f"{customer.postal_code} {customer.town}".strip()
    lines = [customer.street, town, customer.business_id]
    return {"name": customer.name, "lines": [line for line in lines if line]}


def _facts(invoice: Invoice, locale: str) -> list[list[str]]:
    facts = [
        [_("Invoice number"), invoice.number],
        [_("Date"), write_day(invoice.issued_on, locale)],
        [_("Due date"), write_day(invoice.due_on, locale)],
        [_("Reference"), print_reference(invoice.reference)],
    ]
    if invoice.order is not None:
        facts.append([_("Order"), invoice.order.number])
    return facts


def _lines(invoice: Invoice, locale: str) -> dict[str, Any]:
    head = [_("Description"), _("Quantity"), _("Price"), _("VAT"), _("Amount")]
    rows = [
        [
            line.description,
            str(line.quantity),
            *_written([line.unit_price], invoice.currency, locale),
            write_rate(line.vat_bp, locale),
            *_written([line.gross], invoice.currency, locale),
        ]
        for line in invoice.lines.all()
    ]
    return {"head": head, "rows": rows}


def _vat(invoice: Invoice, locale: str) -> dict[str, Any]:
    head = [_("VAT rate"), _("Without VAT"), _("VAT"), _("With VAT")]
    rows = [
        [
            write_rate(part.vat_bp, locale),
            *_written([part.net, part.vat, part.gross], invoice.currency, locale),
        ]
        for part in invoice.parts.all()
    ]
    return {"head": head, "rows": rows}


def _totals(invoice: Invoice, locale: str) -> list[list[str]]:
    """The total, and what happened to it since where something did."""
    amounts = [(_("Total"), invoice.total)]
    if invoice.credited:
        amounts.append((_("Credited"), -invoice.credited))
    if invoice.allocated:
        amounts.append((_("Paid"), -invoice.allocated))
    if invoice.open_amount != invoice.total:
        amounts.append((_("To pay"), invoice.open_amount))
    return [[label, *_written([minor], invoice.currency, locale)] for label, minor in amounts]


def _payment(invoice: Invoice, locale: str) -> dict[str, Any]:
    facts = [
        [_("Recipient"), settings.MERCHANT_NAME],
        [_("IBAN"), _in_fours(settings.MERCHANT_IBAN)],
        [_("BIC"), settings.MERCHANT_BIC],
        [_("Reference"), print_reference(invoice.reference)],
        [_("International reference"), print_reference(invoice.rf_reference)],
        [_("Due date"), write_day(invoice.due_on, locale)],
        [_("To pay"), *_written([invoice.open_amount], invoice.currency, locale)],
    ]
    return {"heading": _("How to pay"), "facts": [fact for fact in facts if fact[1]]}


def _written(amounts: Sequence[int], currency: str, locale: str) -> list[str]:
    return [format_money(Money(minor, currency), locale) for minor in amounts]


def _in_fours(iban: str) -> str:
    plain = "".join(iban.split())
    return " ".join(plain[at : at + IBAN_GROUP] for at in range(0, len(plain), IBAN_GROUP))
