"""Refunds by line: their own amount and tax, once, and a credit note that names them."""

from __future__ import annotations

import psycopg
import pytest
from django.db import IntegrityError, transaction

from core.models import User
from orders.lines import NewLine, price
from orders.models import CreditNote, Invoice, InvoiceLine, InvoicePart
from payments import errors
from payments.models import Capture, ProviderOperation, Refund, RefundLine
from payments.services import approvals, line_refunds
from tests.factories import core as people
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import asked_refund, paid_capture
from tests.payments.deciding import lost, says

pytestmark = pytest.mark.django_db

SOLD = [
    NewLine("Cable", 3, 333, 2550),
    NewLine("Router", 1, 4_999, 2550),
    NewLine("Manual", 2, 777, 1400),
]


def invoice_of(lines: list[NewLine]) -> Invoice:
    """An open invoice of these lines."""
    priced = price(lines, "EUR")
    invoice: Invoice = InvoiceFactory.create(total=priced.total, parts=list(priced.parts))
    InvoiceLine.objects.filter(invoice=invoice).delete()
    InvoiceLine.objects.bulk_create(priced.rows(InvoiceLine, invoice=invoice))
    return invoice


@pytest.fixture
def capture() -> Capture:
    return paid_capture(invoice=invoice_of(SOLD))


def lines_of(capture: Capture) -> list[InvoiceLine]:
    invoice = capture.attempt.intent.items.get().invoice
    return list(invoice.lines.order_by("position"))


def asked(capture: Capture, *quantities: int, by: User | None = None) -> Refund:
    """Ask for so many pieces of each line, in their order."""
    lines = {line.pk: count for line, count in zip(lines_of(capture), quantities, strict=False)}
    return line_refunds.refund_lines(
        capture_id=capture.pk, lines=lines, reason="sent back", requested_by=by or people.agent()
    )


def succeed(refund: Refund) -> None:
    """Let the provider say that the money went back."""
    says(ProviderOperation.objects.get(refund=refund), it_happened=True)


def test_the_amount_is_that_of_the_pieces(capture: Capture) -> None:
    refund = asked(capture, 2, 0, 1)

    assert (refund.amount, refund.wants_credit_note) == (2 * 333 + 777, True)
    assert refund.invoice == capture.attempt.intent.items.get().invoice
    assert list(refund.lines.values_list("quantity", flat=True)) == [2, 1]
    assert not CreditNote.objects.exists()


def test_the_credit_note_names_the_lines_with_their_exact_tax(capture: Capture) -> None:
    refund = asked(capture, 2, 0, 1)

    succeed(refund)

    note = CreditNote.objects.get()
    told = note.lines.values_list("description", "quantity", "gross", "vat")
    assert list(told) == [("Cable", 2, 666, 135), ("Manual", 1, 777, 96)]
    assert (note.amount, note.reason) == (1_443, "sent back")
    assert [part.gross for part in note.parts.all()] == [777, 666]
    invoice = note.invoice
    assert (invoice.open_amount, invoice.credited) == (0, 1_443)
    assert invoice.allocated == invoice.total - 1_443
    assert RefundLine.objects.filter(credit_note=note).count() == 2


def test_all_lines_in_several_refunds_give_back_exactly_the_whole_tax(capture: Capture) -> None:
    for quantities in ((1, 0, 1), (1, 1, 0), (1, 0, 1)):
        succeed(asked(capture, *quantities))

    invoice = capture.attempt.intent.items.get().invoice
    credited = sum(sum(part.vat for part in note.parts.all()) for note in CreditNote.objects.all())
    assert credited == sum(part.vat for part in InvoicePart.objects.filter(invoice=invoice))
    assert (invoice.credited, invoice.allocated) == (invoice.total, 0)


def test_money_that_is_free_stays_free(capture: Capture) -> None:
    overpaid = paid_capture(invoice=invoice_of(SOLD), amount=20_000)
    before = overpaid.attempt.intent
    before.refresh_from_db()

    succeed(asked(overpaid, 0, 1, 0))

    intent = type(before).objects.get(pk=before.pk)
    assert intent.surplus == before.surplus
    assert CreditNote.objects.get().amount == 4_999


def test_no_piece_is_given_back_twice(capture: Capture) -> None:
    asked(capture, 2)

    with pytest.raises(errors.LineAlreadyGivenBack, match="only 1 "):
        asked(capture, 2)

    assert Refund.objects.count() == 1


def test_pieces_of_a_refund_that_was_not_made_are_free_again(capture: Capture) -> None:
    refund = asked(capture, 0, 1)
    operation = lost(ProviderOperation.objects.get(refund=refund))
    says(operation, it_happened=False)

    again = asked(capture, 0, 1)

    assert again.amount == 4_999


def test_a_credited_piece_stays_given_back_though_the_refund_failed_later(
    capture: Capture,
) -> None:
    refund = asked(capture, 0, 1)
    succeed(refund)
    says(ProviderOperation.objects.get(refund=refund), it_happened=False)

    with pytest.raises(errors.LineAlreadyGivenBack):
        asked(capture, 0, 1)

    assert Refund.objects.get().status == "failed"


def test_the_note_is_written_once_however_often_the_news_comes(capture: Capture) -> None:
    refund = asked(capture, 1)

    for _ in range(3):
        succeed(refund)

    assert CreditNote.objects.count() == 1


def test_above_the_limit_the_lines_wait_for_a_second_person_and_are_held() -> None:
    capture = paid_capture(invoice=invoice_of([NewLine("Server", 2, 15_000, 2550)]))
    refund = asked(capture, 1)
    assert refund.status == "awaiting_approval"
    asked(capture, 1)
    with pytest.raises(errors.LineAlreadyGivenBack):
        asked(capture, 1)

    approvals.approve_refund(refund_id=refund.pk, approver=people.finance())
    succeed(refund)

    assert CreditNote.objects.get().amount == 15_000


def test_refused_lines_are_free_again() -> None:
    capture = paid_capture(invoice=invoice_of([NewLine("Server", 1, 15_000, 2550)]))
    refund = asked(capture, 1)

    approvals.refuse_refund(refund_id=refund.pk, approver=people.finance(), reason="too late")

    assert asked(capture, 1).status == "awaiting_approval"


@pytest.mark.parametrize("quantities", [(), (0, 0)])
def test_nothing_chosen_is_refused(capture: Capture, quantities: tuple[int, ...]) -> None:
    with pytest.raises(errors.LinesMissing):
        asked(capture, *quantities)

    assert not Refund.objects.exists()


def test_lines_of_another_invoice_are_refused(capture: Capture) -> None:
    other = lines_of(paid_capture(invoice=invoice_of(SOLD)))
    own = lines_of(capture)

    for lines in ({other[0].pk: 1}, {own[0].pk: 1, other[0].pk: 1}, {0: 1}):
        with pytest.raises(errors.LinesOfSeveralInvoices):
            line_refunds.refund_lines(
                capture_id=capture.pk, lines=lines, reason="x", requested_by=people.agent()
            )

    assert not Refund.objects.exists()


def test_never_more_than_the_payment_pays_of_the_invoice() -> None:
    invoice = invoice_of(SOLD)
    capture = paid_capture(invoice=invoice, amount=3_000)

    with pytest.raises(errors.LinesNotPaid, match=r"€30\.00"):
        asked(capture, 0, 1)
    asked(capture, 3)
    with pytest.raises(errors.LinesNotPaid, match=r"€20\.01"):
        asked(capture, 0, 1)

    assert Refund.objects.count() == 1


def test_money_that_another_refund_holds_is_not_given_back_by_line(capture: Capture) -> None:
    asked_refund(capture, 5_000)

    with pytest.raises(errors.RefundExceedsCapture):
        asked(capture, 0, 1)

    assert not RefundLine.objects.exists()


def test_where_the_invoice_was_credited_meanwhile_it_is_open_and_no_note_is_written(
    capture: Capture,
) -> None:
    refund = asked(capture, 0, 1)
    succeed(asked_refund_with_note(capture))

    succeed(refund)

    assert CreditNote.objects.count() in {1, 2}
    assert Refund.objects.filter(status="succeeded").count() == 2


def asked_refund_with_note(capture: Capture) -> Refund:
    refund = asked_refund(capture, 2_000)
    Refund.objects.filter(pk=refund.pk).update(wants_credit_note=True)
    return refund


def violated(refusal: pytest.ExceptionInfo[IntegrityError]) -> str | None:
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.CheckViolation)
    return cause.diag.constraint_name


def test_the_database_refuses_a_piece_beyond_the_line(capture: Capture) -> None:
    refund, other = asked(capture, 2), asked(capture, 0, 0, 1)
    line = refund.lines.get().line

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        RefundLine.objects.create(refund=other, line=line, quantity=2)

    assert violated(refusal) == "refund_line_within_quantity"
