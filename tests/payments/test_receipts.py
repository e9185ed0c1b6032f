"""Receipts: what was paid, its tax, and what came back, for whoever holds the secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db.models import F
from django.urls import reverse

from core.money import Money
from orders.models import Allocation, Invoice
from orders.vat import Part
from payments.documents.receipt import Receipt, receipt_data
from payments.models import Capture, PaymentAttempt
from payments.services import receipts
from payments.services.refunds import request_refund
from tests.factories.core import finance
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import paid_capture

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries, Settings

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "fi", "sv")


def pdf_of(capture: Capture) -> str:
    return receipts.address_of(capture).removesuffix("/") + ".pdf"


def test_a_receipt_shows_what_was_paid(client: Client, settings: Settings) -> None:
    settings.MERCHANT_NAME, settings.MERCHANT_BUSINESS_ID = "Pohjolan Kuitu Oy", "1234567-1"
    invoice = InvoiceFactory.create(total=12_550)
    capture = paid_capture(invoice=invoice)
    PaymentAttempt.objects.update(method_brand="visa", method_last4="4242")

    page = client.get(receipts.address_of(capture) + "?lang=en")

    text = page.content.decode()
    assert page.status_code == 200
    for shown in (
        "Pohjolan Kuitu Oy",
        "1234567-1",
        "€125.50",
        f"Invoice {invoice.number}",
        "VAT 25.5",
        "€25.50",
        "Card Visa •••• 4242",
        capture.public_id,
    ):
        assert shown in text
    assert invoice.customer.name not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_receipt(client: Client, language: str) -> None:
    capture = paid_capture(invoice=InvoiceFactory.create())

    page = client.get(receipts.address_of(capture) + f"?lang={language}")
    pdf = client.get(pdf_of(capture) + f"?lang={language}")

    assert f'<html lang="{language}">' in page.content.decode()
    assert pdf.content.startswith(b"%PDF")
    assert f"/Lang({language})".encode() in pdf.content
    assert b"pdfuaid:part" in pdf.content
    assert (pdf["Content-Type"], pdf["Cache-Control"]) == ("application/pdf", "no-store")


def test_a_wrong_secret_and_an_unknown_receipt_look_the_same(client: Client) -> None:
    capture = paid_capture()
    secret = receipts.address_of(capture).rstrip("/").rsplit("/", 1)[-1]
    wrong = [capture.public_id, "x" * 22]
    unknown = [Capture().public_id, secret]

    answers = [
        client.get(reverse(f"payments:{name}", args=args))
        for name in ("receipt", "receipt-pdf")
        for args in (wrong, unknown)
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert not any(b"100" in answer.content for answer in answers)


def test_a_receipt_is_kept_from_others_and_only_read(client: Client) -> None:
    capture = paid_capture()
    page = client.get(receipts.address_of(capture))

    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Robots-Tag"].startswith("noindex")
    assert page["Cache-Control"] == "no-store"
    assert client.post(receipts.address_of(capture)).status_code in {403, 405}


def test_the_tax_of_a_payment_in_part_is_its_share() -> None:
    parts = [Part(1400, 1_000, 140), Part(2550, 2_000, 510)]
    invoice = InvoiceFactory.create(total=3_650, parts=parts)
    capture = paid_capture(invoice=invoice, amount=1_825)

    shares = Receipt(capture, "en").vat

    assert [(share.gross.minor, share.vat.minor) for share in shares] == [(570, 70), (1_255, 255)]


def test_the_tax_of_a_payment_in_full_is_the_invoices_own() -> None:
    parts = [Part(1400, 1_000, 140), Part(2550, 2_000, 510)]
    capture = paid_capture(invoice=InvoiceFactory.create(total=3_650, parts=parts))

    shares = Receipt(capture, "en").vat

    assert [(share.net.minor, share.vat.minor) for share in shares] == [(1_000, 140), (2_000, 510)]


def test_what_finds_no_invoice_is_paid_in_advance() -> None:
    capture = paid_capture(
        invoice=InvoiceFactory.create(total=6_000), amount=10_000, allows_surplus=True
    )

    receipt = Receipt(capture, "en")

    assert [item.amount.minor for item in receipt.items] == [6_000, 4_000]
    assert receipt.items[1].text == "Paid in advance"


def test_a_refund_is_added_and_what_was_bought_stays(client: Client) -> None:
    capture = paid_capture(invoice=InvoiceFactory.create(total=10_000))
    refund = request_refund(
        capture_id=capture.pk,
        amount=Money(2_500, "EUR"),
        reason="agreed",
        requested_by=finance(),
    )
    refund.status = "pending"
    refund.save()
    page = client.get(receipts.address_of(capture) + "?lang=en").content.decode()

    assert "-€25.00" in page
    assert "on its way" in page
    assert "€100.00" in page
    data = receipt_data(Receipt(capture, "en"))
    assert data["totals"][1][1] == "-€25.00"


def test_money_that_was_taken_off_an_invoice_still_stands_on_its_receipt() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    capture = paid_capture(invoice=invoice)
    Allocation.objects.create(
        invoice=invoice, source_id=capture.public_id, amount=-10_000, cause="given back"
    )
    Allocation.objects.create(
        invoice=invoice, source_id=capture.public_id, amount=10_000, cause="put on again"
    )

    items = Receipt(capture, "en").items

    assert [(item.amount.minor) for item in items] == [10_000]


def test_money_that_did_not_come_has_no_receipt(client: Client) -> None:
    capture = paid_capture()
    page = receipts.address_of(capture)
    Capture.objects.update(captured=0)

    shown, printed = client.get(page + "?lang=en"), client.get(pdf_of(capture))
    Capture.objects.update(captured=F("amount"))

    assert "This payment did not go through" in shown.content.decode()
    assert printed.status_code == 404


def test_a_receipt_takes_few_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    capture = paid_capture(invoice=InvoiceFactory.create())

    with django_assert_max_num_queries(6):
        client.get(receipts.address_of(capture))
    assert Invoice.objects.count() == 1
