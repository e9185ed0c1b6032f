"""Two of everything at once, with real threads on PostgreSQL, each with its anti-test.

An anti-test takes the guard away and shows that the harm then happens: it proves that the
race is really run.
"""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, connections
from django.utils import timezone

from core import locks
from core.money import Money
from payments import errors
from payments.models import (
    Capture,
    CheckoutSession,
    PaymentEvent,
    PaymentIntent,
    Refund,
    Transfer,
)
from payments.models.events import Source
from payments.seeding import PaidInvoice, seed_paid
from payments.services import links
from payments.services.apply import apply_snapshot
from payments.services.refunds import request_refund
from tests.conftest import _owner
from tests.factories.core import finance
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.factories.payments import (
    PaymentAttemptFactory,
    PaymentIntentFactory,
    ProviderAccountFactory,
    paid_capture,
    paid_snapshot,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run every act in a thread of its own, all starting together; errors are results."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - the race's losers are results
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@contextlib.contextmanager
def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Take the row locks away: rows are read, nobody waits."""

    def read(_rank: locks.Rank, queryset: Any) -> list[Any]:
        return list(queryset.order_by("pk"))

    with monkeypatch.context() as patch:
        patch.setattr(locks, "rows", read)
        patch.setattr(locks, "one", lambda rank, queryset: read(rank, queryset)[0])
        patch.setattr(
            locks, "by_pk", lambda rank, model, pks: read(rank, model.objects.filter(pk__in=pks))
        )
        yield


@contextlib.contextmanager
def without_trigger(table: str, trigger: str) -> Any:
    """Switch a guard of the database off, as only its owner can."""
    with _owner() as owner:
        owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}".encode())
        try:
            yield
        finally:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}".encode())


def refund_all_of(capture: Capture) -> Callable[[], Refund]:
    person = finance()

    def act() -> Refund:
        return request_refund(
            capture_id=capture.pk,
            amount=Money(capture.captured, capture.currency),
            reason="twice",
            requested_by=person,
        )

    return act


@pytest.mark.timeout(60)
def test_two_agents_refund_500_payments_twice_and_exactly_500_succeed() -> None:
    invoices = InvoiceFactory.create_batch(500, total=100)
    paid = [PaidInvoice(invoice.pk, timezone.now()) for invoice in invoices]
    seed_paid(paid, account=ProviderAccountFactory.create(), rng=Random(500))
    captures = list(Capture.objects.all())
    people = [finance() for _ in range(8)]
    asked = [(capture, people[n % 8]) for n, capture in enumerate(captures)] * 2

    def refund(task: tuple[Capture, Any]) -> str:
        capture, person = task
        try:
            request_refund(
                capture_id=capture.pk,
                amount=Money(100, "EUR"),
                reason="both",
                requested_by=person,
            )
        except errors.RefundExceedsCapture:
            return "refused"
        finally:
            connections.close_all()
        return "reserved"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(refund, asked))

    assert (outcomes.count("reserved"), outcomes.count("refused")) == (500, 500)
    assert Refund.objects.count() == 500


def test_a_refund_is_reserved_once_however_many_ask() -> None:
    capture = paid_capture(customer=CustomerFactory.create())

    results = at_once([refund_all_of(capture) for _ in range(8)])

    assert sum(isinstance(result, Refund) for result in results) == 1
    assert sum(isinstance(result, errors.RefundExceedsCapture) for result in results) == 7


def test_without_the_lock_the_database_still_refuses_the_second_refund(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    capture = paid_capture(customer=CustomerFactory.create())

    with without_row_locks(monkeypatch):
        at_once([refund_all_of(capture) for _ in range(8)])

    assert Refund.objects.count() == 1


def test_without_lock_and_trigger_the_race_would_refund_more_than_was_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    capture = paid_capture(customer=CustomerFactory.create())

    with (
        without_row_locks(monkeypatch),
        without_trigger("payments_refund", "payments_refund_limit"),
    ):
        at_once([refund_all_of(capture) for _ in range(8)])

    assert Refund.objects.count() > 1


def test_the_database_refuses_a_refund_that_skips_the_service() -> None:
    capture = paid_capture(customer=CustomerFactory.create())

    with pytest.raises(IntegrityError) as refusal:
        Refund.objects.create(capture=capture, amount=10_001, currency="EUR")

    assert isinstance(refusal.value.__cause__, psycopg.errors.CheckViolation)
    assert Refund.objects.count() == 0


def test_twenty_clicks_open_one_link() -> None:
    intent = PaymentIntentFactory.create()
    person = finance()

    def open_link() -> CheckoutSession:
        return links.open_link(intent_id=intent.pk, actor=person, destination=None)

    at_once([open_link for _ in range(20)])

    assert CheckoutSession.objects.filter(intent=intent, status="open").count() == 1


def test_webhook_return_and_poll_at_once_take_the_money_once() -> None:
    invoice = InvoiceFactory.create(total=10_000)
    intent = PaymentIntentFactory.create(customer=invoice.customer, amount=10_000)
    intent.items.create(invoice=invoice, amount=10_000)
    attempt = PaymentAttemptFactory.create(session__intent=intent, intent=intent)
    snapshot = paid_snapshot(attempt)

    def bring(source: Source) -> Callable[[], str]:
        return lambda: apply_snapshot(account=attempt.account, snapshot=snapshot, source=source)

    sources = [Source.WEBHOOK, Source.POLL, Source.API] * 4
    results = at_once([bring(source) for source in sources])

    assert results == [intent.public_id] * 12
    assert PaymentIntent.objects.get().captured == 10_000
    assert Transfer.objects.count() == 2
    assert PaymentEvent.objects.filter(subject_kind="capture").count() == 1


def test_without_the_lock_the_same_news_at_once_would_collide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attempt = PaymentAttemptFactory.create()
    snapshot = paid_snapshot(attempt)

    def bring() -> str:
        return apply_snapshot(account=attempt.account, snapshot=snapshot, source=Source.WEBHOOK)

    with without_row_locks(monkeypatch):
        results = at_once([bring] * 12)

    assert any(isinstance(result, IntegrityError) for result in results)


def refusal_of(sql: str) -> BaseException | None:
    """Run a statement that must fail, and return PostgreSQL's own reason."""
    with pytest.raises(DatabaseError) as refusal, connection.cursor() as cursor:
        cursor.execute(sql)
    return refusal.value.__cause__


def test_the_sums_of_an_account_cannot_be_written_by_hand() -> None:
    paid_capture(customer=CustomerFactory.create())

    reason = refusal_of("UPDATE payments_ledgeraccount SET debits = debits + 1")

    assert isinstance(reason, psycopg.errors.RestrictViolation)


@pytest.mark.parametrize("table", ["payments_transfer", "payments_paymentevent"])
@pytest.mark.parametrize("change", ["UPDATE {} SET amount = amount + 1", "DELETE FROM {}"])
def test_append_only_rows_cannot_be_changed(table: str, change: str) -> None:
    paid_capture(customer=CustomerFactory.create())

    reason = refusal_of(change.format(table))

    assert isinstance(reason, psycopg.errors.RestrictViolation)
