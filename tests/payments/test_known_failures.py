"""Failures that other payment systems have shown in public, tried here one by one.

`docs/dependability.md` names the thread that each test guards against.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.locks import NetworkInsideTransaction
from core.money import Money
from crm.models import OutgoingMessage
from payments import errors
from payments.models import (
    Capture,
    LedgerAccount,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderOperation,
    Refund,
    Transfer,
    WebhookEvent,
)
from payments.models.events import Source
from payments.providers.base import News, Snapshot, SubjectKind
from payments.services import checkout, operations, webhooks
from payments.services.apply import apply_snapshot
from payments.services.refunds import request_refund
from payments.services.sweep import sweep
from tests.conftest import _owner
from tests.factories.core import finance
from tests.factories.crm import CustomerFactory
from tests.factories.payments import news, paid_capture, paid_snapshot
from tests.payments.taking import Desk, desk
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)

MOST_STATEMENTS = 200


class Killed(BaseException):
    """The process ends here. Nothing of ours catches it."""


@contextmanager
def killed_at_statement(number: int) -> Iterator[None]:
    """End the process in place of its n-th statement on this connection."""
    seen = 0

    def count(execute: Any, *arguments: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == number:
            raise Killed
        return execute(*arguments)

    with connection.execute_wrapper(count):
        yield


@contextmanager
def table_that_refuses(table: str) -> Iterator[None]:
    """Let the database refuse new rows of a table, as a full disk would."""
    with _owner() as owner:
        owner.execute(f"REVOKE INSERT ON {table} FROM kuitti_app".encode())
        try:
            yield
        finally:
            owner.execute(f"GRANT INSERT ON {table} TO kuitti_app".encode())


def deliver(desk: Desk, attempt: PaymentAttempt) -> list[int]:
    """Bring every delivery about an attempt to the door and give the answers."""
    client = Client(raise_request_exception=False)
    address = reverse("payments:webhook", args=[desk.account.public_id])
    payment = desk.sandbox.payment(attempt.public_id)["id"]
    return [
        client.post(
            address,
            delivery["body"],
            content_type="application/json",
            headers={"sandbox-signature": delivery["signature"]},
        ).status_code
        for delivery in desk.sandbox.deliveries(payment)
    ]


def paid_at_the_provider(desk: Desk) -> PaymentAttempt:
    """A payment that only the provider knows to be paid."""
    session = desk.link(desk.intent())
    attempt = checkout.choose_method(session_id=session.pk, method="card")
    desk.sandbox.pay(attempt.page_url)
    return attempt


def said_of(capture: Capture, *more: News) -> Snapshot:
    """What the provider says of a paid attempt, and what came after."""
    paid = paid_snapshot(capture.attempt)
    return Snapshot(
        attempt=paid.attempt,
        captures=paid.captures,
        refunds=tuple(one for one in more if one.kind is SubjectKind.REFUND),
        disputes=tuple(one for one in more if one.kind is SubjectKind.DISPUTE),
    )


def ask_refund(capture: Capture, amount: int) -> Refund:
    return request_refund(
        capture_id=capture.pk,
        amount=Money(amount, "EUR"),
        reason="agreed",
        requested_by=finance(),
    )


def test_a_delivery_that_cannot_be_kept_is_not_answered_well(desk: Desk) -> None:
    attempt = paid_at_the_provider(desk)

    with table_that_refuses("payments_webhookevent"):
        refused = deliver(desk, attempt)

    assert set(refused) == {500}
    assert not WebhookEvent.objects.exists()
    assert set(deliver(desk, attempt)) == {200}
    webhooks.drain()
    assert PaymentIntent.objects.get().status == "succeeded"


def test_a_worker_killed_at_any_statement_loses_nothing_and_does_nothing_twice(
    desk: Desk,
) -> None:
    attempt = paid_at_the_provider(desk)
    deliver(desk, attempt)
    before = PaymentEvent.objects.count()

    for number in range(1, MOST_STATEMENTS):
        WebhookEvent.objects.update(lease_until=None)
        try:
            with killed_at_statement(number):
                webhooks.drain()
            break
        except Killed:
            is_applied = PaymentEvent.objects.count() > before
            assert Transfer.objects.exists() == is_applied
            assert WebhookEvent.objects.filter(state="done").exists() == is_applied

    assert 20 < number < MOST_STATEMENTS - 1
    assert not WebhookEvent.objects.exclude(state="done").exists()
    assert Capture.objects.get().captured == 10_000
    assert OutgoingMessage.objects.filter(kind="receipt").count() == 1


def test_no_provider_is_called_while_a_transaction_is_open(desk: Desk) -> None:
    capture = desk.paid()
    desk.refund(capture, 500)
    (operation,) = operations.claim()

    with transaction.atomic(), pytest.raises(NetworkInsideTransaction):
        operations.send(operation)

    operation.refresh_from_db()
    assert (operation.status, operation.sends) == ("created", 0)
    assert desk.sandbox.effects(capture.attempt.public_id, "refund") == []


def test_a_customer_who_pays_on_two_links_has_the_excess_kept_for_a_person(desk: Desk) -> None:
    intent = desk.intent()
    first = checkout.choose_method(session_id=desk.link(intent).pk, method="card")
    link = desk.link(intent, replaces=True)
    second = checkout.choose_method(session_id=link.pk, method="mobilepay")
    for attempt in (first, second):
        desk.sandbox.pay(attempt.page_url)

    desk.poll()

    intent.refresh_from_db()
    desk.invoice.refresh_from_db()
    assert (intent.captured, intent.surplus) == (20_000, 10_000)
    assert intent.review_reasons == ["captured_beyond_amount"]
    assert (desk.invoice.allocated, desk.invoice.open_amount) == (10_000, 0)


def test_refunds_that_webhooks_tell_before_their_answers_are_recorded_once(desk: Desk) -> None:
    capture = desk.paid()
    refunds = [desk.refund(capture, amount) for amount in (3_000, 2_000, 2_000)]
    desk.sandbox.faults(refund__error_after=1)
    operations.drain()
    assert set(Refund.objects.values_list("status", flat=True)) == {"unknown"}

    deliver(desk, capture.attempt)
    webhooks.drain()
    desk.sandbox.clear_faults()
    desk.resolve()

    assert sorted(Refund.objects.values_list("public_id", "status")) == sorted(
        (refund.public_id, "succeeded") for refund in refunds
    )
    assert PaymentIntent.objects.get().refunded == 7_000
    assert len(desk.sandbox.effects(capture.attempt.public_id, "refund")) == 3


def test_disputed_money_cannot_be_refunded(desk: Desk) -> None:
    capture = paid_capture(customer=CustomerFactory.create())
    dispute = news(SubjectKind.DISPUTE, "needs_response", 8_000, "dp-1", version=1)
    account = capture.attempt.account
    apply_snapshot(account=account, snapshot=said_of(capture, dispute), source=Source.WEBHOOK)

    with pytest.raises(errors.RefundExceedsCapture):
        ask_refund(capture, 2_001)

    assert Refund.objects.count() == 0
    assert ask_refund(capture, 2_000).amount == 2_000


def test_a_dispute_of_refunded_money_is_told_to_a_person_and_stands_in_the_ledger() -> None:
    capture = paid_capture(customer=CustomerFactory.create())
    refund = news(SubjectKind.REFUND, "succeeded", 10_000, "re-1")
    dispute = news(SubjectKind.DISPUTE, "lost", 10_000, "dp-1", version=2)

    apply_snapshot(
        account=capture.attempt.account,
        snapshot=said_of(capture, refund, dispute),
        source=Source.WEBHOOK,
    )

    intent = PaymentIntent.objects.get()
    assert (intent.refunded, intent.disputed) == (10_000, 10_000)
    assert "returned_beyond_capture" in intent.review_reasons
    assert LedgerAccount.objects.get(code="dispute-losses").debits == 10_000
    clearing = LedgerAccount.objects.get(code="provider-clearing")
    assert (clearing.debits, clearing.credits) == (10_000, 20_000)


def test_time_alone_never_decides_what_became_of_a_refund(desk: Desk) -> None:
    capture = desk.paid()
    refund = desk.refund(capture, 500)
    desk.sandbox.next_fault("error_after", "refund")
    operations.drain()
    desk.sandbox.faults(read__error_before=1)
    two_days_ago = timezone.now() - timedelta(hours=48)
    ProviderOperation.objects.filter(refund=refund).update(
        created_at=two_days_ago, first_sent_at=two_days_ago, last_sent_at=two_days_ago
    )

    for _ in range(12):
        desk.resolve()
        sweep()

    refund.refresh_from_db()
    assert refund.status == "unknown"
    with pytest.raises(errors.OutcomeStillUnknown):
        desk.refund(capture, 500)
    desk.sandbox.clear_faults()
    desk.resolve()
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert len(desk.sandbox.effects(refund.public_id, "refund")) == 1


def test_a_request_that_was_never_sent_goes_out_later_under_the_same_key(desk: Desk) -> None:
    capture = desk.paid()
    desk.refund(capture, 500)
    key = ProviderOperation.objects.get(kind="refund").key
    desk.sandbox.next_fault("unavailable", "refund")
    operations.drain()
    assert ProviderOperation.objects.get(kind="refund").status == "created"

    ProviderOperation.objects.update(send_at=timezone.now())
    operations.drain()

    operation = ProviderOperation.objects.get(kind="refund")
    assert (operation.key, operation.sends, operation.status) == (key, 2, "done")
    assert len(desk.sandbox.effects(capture.attempt.public_id, "refund")) == 1


def test_each_request_of_a_payment_has_a_key_of_its_own(desk: Desk) -> None:
    capture = desk.paid()
    for amount in (500, 500):
        desk.refund(capture, amount)
        operations.drain()

    keys = list(ProviderOperation.objects.values_list("key", flat=True))

    assert len(keys) == len(set(keys)) == 3


def test_stacked_part_refunds_end_exactly_at_what_was_taken(desk: Desk) -> None:
    capture = paid_capture(customer=CustomerFactory.create(), amount=6_200)
    for amount in (3_200, 900, 800, 300, 600, 300):
        ask_refund(capture, amount)

    with pytest.raises(errors.RefundExceedsCapture):
        ask_refund(capture, 101)

    assert Refund.objects.count() == 6
    ask_refund(capture, 100)
    assert sum(Refund.objects.values_list("amount", flat=True)) == 6_200


def test_a_full_refund_of_a_part_capture_is_not_a_full_refund() -> None:
    capture = paid_capture(customer=CustomerFactory.create(), amount=6_000)
    PaymentIntent.objects.update(amount=10_000)
    authorised = news(SubjectKind.ATTEMPT, "authorised", 10_000, our_id=capture.attempt.public_id)
    refund = news(SubjectKind.REFUND, "succeeded", 6_000, "re-1")
    said = said_of(capture, refund)

    apply_snapshot(
        account=capture.attempt.account,
        snapshot=Snapshot(authorised, captures=said.captures, refunds=said.refunds),
        source=Source.WEBHOOK,
    )

    intent = PaymentIntent.objects.get()
    figures = (intent.authorised, intent.captured, intent.cancelled, intent.refunded)
    assert figures == (10_000, 6_000, 0, 6_000)
    assert (intent.status, intent.capturable) == ("partially_paid", 4_000)


def test_a_payment_that_waits_is_never_written_about_again_by_the_sweep(desk: Desk) -> None:
    desk.link(desk.intent())
    before = list(OutgoingMessage.objects.values_list("pk", flat=True))

    for _ in range(20):
        sweep()

    assert list(OutgoingMessage.objects.values_list("pk", flat=True)) == before
    assert len(before) == 1
