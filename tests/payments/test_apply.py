"""News about money, through the only door."""

from __future__ import annotations

import pytest

from core.money import Money
from crm.models import OutgoingMessage, TimelineEntry
from payments.errors import UnknownSubject
from payments.models import Capture, LedgerAccount, PaymentEvent, PaymentIntent, Refund, Transfer
from payments.models.events import Source
from payments.providers.base import Snapshot, SubjectKind
from payments.services.apply import apply_snapshot
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import (
    CheckoutSessionFactory,
    PaymentAttemptFactory,
    PaymentIntentFactory,
    news,
    paid_capture,
    paid_snapshot,
)

pytestmark = pytest.mark.django_db


def balance(code: str) -> int:
    return sum(a.debits - a.credits for a in LedgerAccount.objects.filter(code=code))


def test_money_pays_the_invoice_it_was_meant_for() -> None:
    invoice = InvoiceFactory.create(total=10_000)

    capture = paid_capture(invoice=invoice)

    invoice.refresh_from_db()
    intent = capture.attempt.intent
    assert (intent.status, intent.captured, intent.surplus) == ("succeeded", 10_000, 0)
    assert invoice.open_amount == 0
    assert balance("provider-clearing") == 10_000
    assert balance("customer-funds") == 0
    assert balance("receivable") == -10_000


def test_the_same_news_twice_changes_nothing() -> None:
    attempt = PaymentAttemptFactory.create()
    snapshot = paid_snapshot(attempt)
    apply_snapshot(account=attempt.account, snapshot=snapshot, source=Source.WEBHOOK)
    before = (PaymentEvent.objects.count(), Transfer.objects.count(), TimelineEntry.objects.count())
    version = PaymentIntent.objects.get().version

    for source in (Source.POLL, Source.API, Source.WEBHOOK):
        apply_snapshot(account=attempt.account, snapshot=snapshot, source=source)

    after = (PaymentEvent.objects.count(), Transfer.objects.count(), TimelineEntry.objects.count())
    assert after == before
    assert PaymentIntent.objects.get().version == version


def test_news_of_nobody_is_refused_and_leaves_nothing() -> None:
    attempt = PaymentAttemptFactory.create()
    stranger = Snapshot(attempt=news(SubjectKind.ATTEMPT, "authorised", 5, "pay-x", our_id="pa_x"))

    with pytest.raises(UnknownSubject):
        apply_snapshot(account=attempt.account, snapshot=stranger, source=Source.WEBHOOK)

    assert PaymentEvent.objects.count() == 0


def test_more_than_was_asked_is_kept_and_shown_to_a_person() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    capture = paid_capture(invoice=invoice)
    attempt = capture.attempt
    again = news(SubjectKind.CAPTURE, "succeeded", 10_000, "cap-again")

    apply_snapshot(
        account=attempt.account,
        snapshot=Snapshot(
            attempt=paid_snapshot(attempt).attempt,
            captures=(*paid_snapshot(attempt).captures, again),
        ),
        source=Source.WEBHOOK,
    )

    intent = PaymentIntent.objects.get()
    assert (intent.captured, intent.surplus) == (20_000, 10_000)
    assert intent.review_reasons == ["captured_beyond_amount"]
    assert balance("customer-funds") == -10_000


def refunded_at_provider(capture: Capture, amount: int, status: str = "succeeded") -> Snapshot:
    paid = paid_snapshot(capture.attempt)
    refund = news(SubjectKind.REFUND, status, amount, "re-1")
    return Snapshot(attempt=paid.attempt, captures=paid.captures, refunds=(refund,))


def test_a_refund_made_at_the_provider_opens_the_invoice_again() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    capture = paid_capture(invoice=invoice)

    apply_snapshot(
        account=capture.attempt.account,
        snapshot=refunded_at_provider(capture, 4_000),
        source=Source.WEBHOOK,
    )

    invoice.refresh_from_db()
    intent = PaymentIntent.objects.get()
    assert invoice.open_amount == 4_000
    assert (intent.refunded, intent.review_reasons) == (4_000, ["refunded_at_provider"])
    assert balance("provider-clearing") == 6_000


def test_a_refund_that_failed_later_is_reversed_and_never_silently_forgotten() -> None:
    capture = paid_capture(customer=CustomerFactory.create())
    account = capture.attempt.account
    apply_snapshot(
        account=account, snapshot=refunded_at_provider(capture, 4_000), source=Source.WEBHOOK
    )

    apply_snapshot(
        account=account,
        snapshot=refunded_at_provider(capture, 4_000, "failed"),
        source=Source.WEBHOOK,
    )

    assert Refund.objects.get().status == "failed"
    assert balance("provider-clearing") == 10_000
    assert Transfer.objects.filter(pair="refunded").count() == 2


def test_a_fact_in_another_currency_posts_in_its_own_and_asks_for_a_person() -> None:
    attempt = PaymentAttemptFactory.create()
    snapshot = paid_snapshot(attempt)
    foreign = news(SubjectKind.CAPTURE, "succeeded", 900, "cap-sek", currency="SEK")

    apply_snapshot(
        account=attempt.account,
        snapshot=Snapshot(attempt=snapshot.attempt, captures=(*snapshot.captures, foreign)),
        source=Source.WEBHOOK,
    )

    intent = PaymentIntent.objects.get()
    assert intent.captured == 10_000
    assert intent.review_reasons == ["other_currency"]
    assert LedgerAccount.objects.get(code="customer-funds", currency="SEK").credits == 900


def test_a_dispute_holds_the_money_and_a_won_one_gives_it_back() -> None:
    capture = paid_capture(customer=CustomerFactory.create())
    paid = paid_snapshot(capture.attempt)

    for version, status, held in ((1, "needs_response", 10_000), (2, "won", 0)):
        dispute = news(SubjectKind.DISPUTE, status, 10_000, "dp-1", version=version)
        apply_snapshot(
            account=capture.attempt.account,
            snapshot=Snapshot(paid.attempt, captures=paid.captures, disputes=(dispute,)),
            source=Source.WEBHOOK,
        )
        assert PaymentIntent.objects.get().disputed == held
        assert balance("disputed") == held


def test_money_that_comes_after_the_link_was_closed_still_pays() -> None:
    invoice = InvoiceFactory.create(total=5_000)
    intent = PaymentIntentFactory.create(customer=invoice.customer, amount=5_000)
    intent.items.create(invoice=invoice, amount=5_000)
    session = CheckoutSessionFactory.create(intent=intent, status="closed")
    attempt = PaymentAttemptFactory.create(session=session)

    apply_snapshot(account=attempt.account, snapshot=paid_snapshot(attempt), source=Source.WEBHOOK)

    invoice.refresh_from_db()
    session.refresh_from_db()
    assert (invoice.open_amount, session.status) == (0, "paid")


def test_a_payment_in_two_parts_pays_one_invoice_exactly() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    intent = PaymentIntentFactory.create(customer=invoice.customer, amount=10_000)
    intent.items.create(invoice=invoice, amount=10_000)
    attempt = PaymentAttemptFactory.create(session__intent=intent, intent=intent)
    authorised = news(SubjectKind.ATTEMPT, "authorised", 10_000, "pay-1", our_id=attempt.public_id)
    parts = (
        news(SubjectKind.CAPTURE, "succeeded", 3_333, "c-1"),
        news(SubjectKind.CAPTURE, "succeeded", 6_667, "c-2"),
    )

    for upto in (1, 2):
        apply_snapshot(
            account=attempt.account,
            snapshot=Snapshot(authorised, captures=parts[:upto]),
            source=Source.WEBHOOK,
        )
        intent.refresh_from_db()
        assert intent.status == ("partially_paid" if upto == 1 else "succeeded")

    invoice.refresh_from_db()
    assert invoice.open_amount == 0
    assert Money(invoice.allocated, "EUR") == Money(10_000, "EUR")


def test_a_receipt_is_written_once() -> None:
    customer = CustomerFactory.create(email="aino@example.fi")
    capture = paid_capture(customer=customer)

    apply_snapshot(
        account=capture.attempt.account,
        snapshot=paid_snapshot(capture.attempt),
        source=Source.POLL,
    )

    assert OutgoingMessage.objects.filter(kind="receipt").count() == 1
