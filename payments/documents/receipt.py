"""The receipt of one capture: the same figures for the page and for the PDF."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.money import Money, format_money
from core.writing import locale_of, write_day
from orders.documents.invoice import seller
from orders.documents.typst import render_pdf
from orders.models import Allocation, Invoice
from orders.reference_numbers import print_reference
from orders.vat import Part, credit_parts
from orders.writing import write_rate, write_sold
from payments.method_names import name_of
from payments.models import PaymentEvent, Refund

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from payments.models import Capture

TEMPLATE = Path(__file__).with_name("receipt.typ")
SHOWN_REFUNDS = (Refund.Status.PENDING, Refund.Status.SUCCEEDED)


@dataclass(frozen=True, slots=True)
class PaidItem:
    """What a share of the money paid: an invoice, or nothing with a number yet."""

    text: str
    amount: Money
    reference: str = ""
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VatShare:
    """What one rate of VAT has in the money."""

    rate: str
    net: Money
    vat: Money

    @property
    def gross(self) -> Money:
        return self.net + self.vat


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Money that went back, as a negative amount, or is on its way."""

    day: str
    amount: Money
    is_on_its_way: bool


@dataclass(frozen=True)
class Receipt:
    """One capture as its payer sees it. Only reads; make it in the reader's language."""

    capture: Capture
    language: str

    @property
    def amount(self) -> Money:
        return self.capture.money

    @cached_property
    def paid_at(self) -> datetime:
        """When the provider says that the money was taken, else when the news came."""
        told = PaymentEvent.objects.filter(
            intent=self.capture.attempt.intent_id,
            subject_kind="capture",
            subject_id=self.capture.public_id,
            status="succeeded",
        )
        event = told.order_by("pk").first()
        return (event.occurred_at or event.created_at) if event else self.capture.created_at

    @property
    def day(self) -> str:
        return write_day(timezone.localdate(self.paid_at), locale_of(self.language))

    @property
    def method(self) -> str:
        """How it was paid, such as “Card Visa •••• 4242”."""
        attempt = self.capture.attempt
        parts = [name_of(attempt.method), attempt.method_brand.capitalize()]
        if attempt.method_last4:
            parts.append(f"•••• {attempt.method_last4}")
        return " ".join(part for part in parts if part)

    @cached_property
    def paid_invoices(self) -> list[tuple[Invoice, int]]:
        """The invoices the money was put on when it came, and how much of it (minor units).

        What was taken back or moved afterwards does not change what was bought.
        """
        found: dict[int, tuple[Invoice, int]] = {}
        left = self.amount.minor
        for row in self._allocations():
            share = min(row.amount, left)
            left -= share
            if share:
                before = found.get(row.invoice_id, (row.invoice, 0))[1]
                found[row.invoice_id] = (row.invoice, before + share)
        return list(found.values())

    @property
    def items(self) -> list[PaidItem]:
        """What was paid. The shares add up to the amount."""
        currency = self.capture.currency
        items = [
            PaidItem(
                _("Invoice %(number)s") % {"number": invoice.number},
                Money(share, currency),
                print_reference(invoice.reference),
                tuple(write_sold(line.quantity, line.description) for line in invoice.lines.all()),
            )
            for invoice, share in self.paid_invoices
        ]
        left = self.amount.minor - sum(share for _invoice, share in self.paid_invoices)
        if left:
            intent = self.capture.attempt.intent
            text = _("Paid in advance") if items else intent.description or _("Payment")
            items.append(PaidItem(text, Money(left, currency)))
        return items

    @cached_property
    def vat(self) -> list[VatShare]:
        """The VAT in what was paid, one share per rate, lowest first."""
        by_rate: dict[int, Part] = {}
        for invoice, share in self.paid_invoices:
            for part in _parts_paid(invoice, share):
                before = by_rate.get(part.vat_bp, Part(part.vat_bp, 0, 0))
                by_rate[part.vat_bp] = Part(
                    part.vat_bp, before.net + part.net, before.vat + part.vat
                )
        currency, locale = self.capture.currency, locale_of(self.language)
        return [
            VatShare(write_rate(rate, locale), Money(part.net, currency), Money(part.vat, currency))
            for rate, part in sorted(by_rate.items())
        ]

    @cached_property
    def given_back(self) -> list[GivenBack]:
        """What went back of it, or is on its way back, the oldest first."""
        rows = self.capture.refunds.filter(status__in=SHOWN_REFUNDS).order_by("pk")
        return [
            GivenBack(
                day=write_day(timezone.localdate(row.created_at), locale_of(self.language)),
                amount=-row.money,
                is_on_its_way=row.status == Refund.Status.PENDING,
            )
            for row in rows
        ]

    def _allocations(self) -> Sequence[Allocation]:
        rows = Allocation.objects.filter(source_id=self.capture.public_id, amount__gt=0)
        in_full = rows.select_related("invoice").prefetch_related(
            "invoice__parts", "invoice__lines"
        )
        return list(in_full.order_by("pk"))


def receipt_pdf(receipt: Receipt) -> bytes:
    """Print a receipt in its language."""
    with translation.override(receipt.language):
        return render_pdf(TEMPLATE, receipt_data(receipt))


def receipt_data(receipt: Receipt) -> dict[str, Any]:
    """Everything the template prints, already written out."""
    locale = locale_of(receipt.language)

    def written(money: Money) -> str:
        return format_money(money, locale)

    return {
        "language": receipt.language,
        "title": _("Receipt for %(amount)s") % {"amount": written(receipt.amount)},
        "heading": _("Receipt"),
        "seller": seller(),
        "facts": [
            [_("Date"), receipt.day],
            [_("Paid with"), receipt.method],
            [_("Receipt number"), receipt.capture.public_id],
        ],
        "items": {
            "head": [_("What was paid"), _("Reference"), _("Amount")],
            "rows": [
                ["\n".join([item.text, *item.details]), item.reference, written(item.amount)]
                for item in receipt.items
            ],
        },
        "vat": {
            "head": [_("VAT rate"), _("Without VAT"), _("VAT"), _("With VAT")],
            "rows": [
                [share.rate, written(share.net), written(share.vat), written(share.gross)]
                for share in receipt.vat
            ],
        },
        "totals": [
            [_("Paid"), written(receipt.amount)],
            *([_told(back), written(back.amount)] for back in receipt.given_back),
        ],
    }


def _told(back: GivenBack) -> str:
    if back.is_on_its_way:
        return _("Refund on its way, %(day)s") % {"day": back.day}
    return _("Refunded %(day)s") % {"day": back.day}


def _parts_paid(invoice: Invoice, share: int) -> list[Part]:
    """Split a payment over the tax rates of its invoice, as a credit of it would be."""
    parts = [Part(part.vat_bp, part.net, part.vat) for part in invoice.parts.all()]
    return credit_parts(parts, [0] * len(parts), share)
