from __future__ import annotations

import pytest

from core.models import AuditEvent
from core.money import Money
from crm.models import TimelineEntry
from orders.errors import AmountUnusable, CreditExceedsOpen
from orders.models import CreditNote, CreditNotePart, Invoice, NumberSeries
from orders.services.allocate import record_payment
from orders.services.credit import issue_credit_note
from orders.vat import Part
from tests.factories.core import UserFactory
from tests.factories.orders import InvoiceFactory
from tests.orders.threads import THREADS, race

pytestmark = pytest.mark.django_db

TWO_RATES = [Part(vat_bp=1400, net=5_000, vat=700), Part(vat_bp=2550, net=10_000, vat=2_550)]


def test_a_credit_note_takes_back_a_part_and_its_tax() -> None:
    invoice = InvoiceFactory.create(total=12_550)

    note = issue_credit_note(
        invoice=invoice, amount=Money(6_275, "EUR"), actor=UserFactory.create(), reason="slow line"
    )

    invoice.refresh_from_db()
    assert (invoice.credited, invoice.open_amount) == (6_275, 6_275)
    assert [(part.vat_bp, part.net, part.vat) for part in note.parts.all()] == [
        (2550, 5_000, 1_275)
    ]
    assert AuditEvent.objects.filter(object_id=note.public_id, reason="slow line").exists()
    assert TimelineEntry.objects.get(kind="credit_note.issued").data["amount"] == 6_275


def test_credits_of_the_whole_give_back_each_rate_exactly() -> None:
    invoice = InvoiceFactory.create(total=18_250, parts=TWO_RATES)

    for amount in (1, 3_333, 7_000, 7_916):
        issue_credit_note(invoice=invoice, amount=Money(amount, "EUR"), actor="import")

    by_rate: dict[int, list[int]] = {}
    for part in CreditNotePart.objects.all():
        net, vat = by_rate.get(part.vat_bp, [0, 0])
        by_rate[part.vat_bp] = [net + part.net, vat + part.vat]
    assert by_rate == {1400: [5_000, 700], 2550: [10_000, 2_550]}


def test_credit_notes_are_numbered_without_gaps() -> None:
    invoice = InvoiceFactory.create()

    notes = [
        issue_credit_note(invoice=invoice, amount=Money(1, "EUR"), actor="import") for _ in range(3)
    ]

    first = int(notes[0].number.removeprefix("C"))
    assert [note.number for note in notes] == [f"C{first + n}" for n in range(3)]


def test_what_is_paid_cannot_be_credited_before_it_is_taken_off() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    record_payment(invoices=[(invoice.pk, Money(9_000, "EUR"))], source_id="cap_1", cause="c1")

    with pytest.raises(CreditExceedsOpen, match=r"Only €10\.00 of invoice"):
        issue_credit_note(invoice=invoice, amount=Money(1_001, "EUR"), actor="import")

    invoice.refresh_from_db()
    assert invoice.credited == 0
    assert not CreditNote.objects.exists()
    assert NumberSeries.objects.get(name="credit_note").next_number == 1


@pytest.mark.parametrize("amount", [Money(0, "EUR"), Money(-1, "EUR"), Money(1, "SEK")])
def test_an_unusable_amount_is_refused(amount: Money) -> None:
    invoice = InvoiceFactory.create()

    with pytest.raises(AmountUnusable):
        issue_credit_note(invoice=invoice, amount=amount, actor="import")

    assert not CreditNote.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_credits_at_once_never_exceed_the_invoice() -> None:
    invoice = InvoiceFactory.create(total=10_000)

    def credit() -> bool:
        try:
            issue_credit_note(invoice=invoice, amount=Money(3_000, "EUR"), actor="import")
        except CreditExceedsOpen:
            return False
        return True

    results = race([credit] * THREADS)

    assert results.count(True) == 3
    assert Invoice.objects.get().credited == 9_000
