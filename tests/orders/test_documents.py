from __future__ import annotations

import datetime as dt
import re
import zlib
from typing import TYPE_CHECKING

import pytest

from core.money import Money
from orders.documents.invoice import invoice_data, invoice_pdf
from orders.documents.typst import ROOT, render_pdf
from orders.reference_numbers import print_reference
from orders.services.allocate import record_payment
from orders.vat import Part
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory, OrderFactory

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db


def metadata(pdf: bytes) -> str:
    """Everything a PDF says about itself: its plain objects and its unpacked streams."""
    text = pdf.decode("latin-1")
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            text += zlib.decompress(packed).decode("latin-1")
        except zlib.error:
            text += packed.decode("latin-1")
    return text


@pytest.mark.parametrize("language", ["en", "fi", "sv"])
def test_an_invoice_is_printed_for_screen_readers_in_its_language(language: str) -> None:
    invoice = InvoiceFactory.create(customer=CustomerFactory.create(language=language))

    pdf = invoice_pdf(invoice)

    assert pdf.startswith(b"%PDF-")
    said = metadata(pdf)
    assert "pdfuaid" in said
    assert f"/Lang ({language})" in said or f"<rdf:li>{language}</rdf:li>" in said
    assert "/StructTreeRoot" in said


def test_the_document_says_what_is_owed_and_how_to_pay(settings: Settings) -> None:
    settings.MERCHANT_NAME = "Kuitu Oy"
    settings.MERCHANT_IBAN = "FI2112345600000785"
    customer = CustomerFactory.create(
        language="fi", name="Aino Mäkinen", street="Katu 1", postal_code="00100", town="Helsinki"
    )
    parts = [Part(vat_bp=1400, net=5_000, vat=700), Part(vat_bp=2550, net=10_000, vat=2_550)]
    invoice = InvoiceFactory.create(
        customer=customer,
        order=OrderFactory.create(customer=customer),
        total=18_250,
        parts=parts,
        due_on=dt.date(2031, 5, 9),
    )
    record_payment(invoices=[(invoice.pk, Money(1_250, "EUR"))], source_id="cap_1", cause="c1")
    invoice.refresh_from_db()

    data = invoice_data(invoice)

    assert data["recipient"] == {"name": "Aino Mäkinen", "lines": ["Katu 1", "00100 Helsinki"]}
    facts = dict(data["payment"]["facts"])
    assert "FI21 1234 5600 0007 85" in facts.values()
    assert print_reference(invoice.reference) in facts.values()
    assert print_reference(invoice.rf_reference) in facts.values()
    assert "9.5.2031" in facts.values()
    assert "170,00\xa0€" in facts.values()
    assert data["vat"]["rows"] == [
        ["14\xa0%", "50,00\xa0€", "7,00\xa0€", "57,00\xa0€"],
        ["25,5\xa0%", "100,00\xa0€", "25,50\xa0€", "125,50\xa0€"],
    ]
    assert [amount for _, amount in data["totals"]] == [
        "182,50\xa0€",
        "-12,50\xa0€",
        "170,00\xa0€",
    ]


def test_another_language_can_be_asked_for() -> None:
    invoice = InvoiceFactory.create(due_on=dt.date(2031, 5, 9))

    data = invoice_data(invoice, "en")

    assert data["title"] == f"Invoice {invoice.number}"
    assert ["Due date", "9 May 2031"] in data["facts"]


def test_what_is_typed_never_becomes_markup() -> None:
    customer = CustomerFactory.create(name='#panic("oh") $x$ *bold* \\ "')
    invoice = InvoiceFactory.create(customer=customer, description="= Heading #let x = 1")

    assert invoice_pdf(invoice).startswith(b"%PDF-")


def test_many_lines_go_on_on_further_pages() -> None:
    template = ROOT / "orders" / "documents" / "invoice.typ"
    invoice = InvoiceFactory.create()
    data = invoice_data(invoice)
    data["lines"]["rows"] *= 80

    assert len(render_pdf(template, data)) > len(invoice_pdf(invoice))
