"""Sending while somebody waits."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.db.backends.signals import connection_created

from payments.models import ProviderOperation
from payments.services import checkout, operations, waiting
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def connecting() -> Iterator[list[str]]:
    """Note the name of every thread that opens a database connection."""
    names: list[str] = []

    def note(**_: Any) -> None:
        names.append(threading.current_thread().name)

    connection_created.connect(note)
    try:
        yield names
    finally:
        connection_created.disconnect(note)


def test_a_sender_keeps_its_connection_for_the_next_customer(desk: Desk) -> None:
    session = desk.link(desk.intent())

    with connecting() as names:
        for method in ("card", "mobilepay", "card", "mobilepay"):
            checkout.choose_method(session_id=session.pk, method=method)

    assert len(names) == len(set(names))


def test_an_operation_that_a_worker_took_first_is_awaited_just_so(desk: Desk) -> None:
    session = desk.link(desk.intent())
    attempt, operation = checkout.start(session.pk, checkout.Choice("card"), [])
    assert operation is not None
    taken = operations.claim_one(operation.pk)
    assert taken is not None
    worker = threading.Timer(0.3, operations._send_in_lane, [taken])

    worker.start()
    was_answered = waiting.send_within(operation.pk, 20)
    worker.join()

    attempt.refresh_from_db()
    assert was_answered
    assert attempt.page_url


def test_a_worker_that_took_it_and_died_is_not_awaited_for_ever(desk: Desk) -> None:
    session = desk.link(desk.intent())
    _, operation = checkout.start(session.pk, checkout.Choice("card"), [])
    assert operation is not None
    assert operations.claim_one(operation.pk) is not None

    assert waiting.send_within(operation.pk, 0.2) is False


def while_somebody_takes_it(operation_id: int) -> threading.Thread:
    """Lock the operation as a claim does, for a moment, and let go of it."""
    is_locked = threading.Event()

    def take() -> None:
        with transaction.atomic():
            rows = ProviderOperation.objects.select_for_update(no_key=True)
            rows.get(pk=operation_id)
            is_locked.set()
            time.sleep(0.3)
        connection.close()

    thread = threading.Thread(target=take)
    thread.start()
    assert is_locked.wait(10)
    return thread


def page_of_what_somebody_just_takes(desk: Desk) -> str:
    """Wait for an operation that is being taken, and let go of, at this very moment."""
    session = desk.link(desk.intent())
    attempt, operation = checkout.start(session.pk, checkout.Choice("card"), [])
    assert operation is not None
    other = while_somebody_takes_it(operation.pk)

    was_answered = waiting.send_within(operation.pk, 20)
    other.join()

    assert was_answered
    attempt.refresh_from_db()
    return attempt.page_url


def test_an_operation_that_somebody_just_takes_is_sent_from_here_if_they_let_go(
    desk: Desk,
) -> None:
    assert page_of_what_somebody_just_takes(desk)


def test_without_that_it_counted_as_answered_before_it_was_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test of the one above: who only looks for a lease finds none."""
    leased = "SELECT id FROM payments_provideroperation WHERE id = %(id)s AND lease_until > %(now)s"
    monkeypatch.setattr(waiting, "BEING_SENT", leased)

    assert not page_of_what_somebody_just_takes(desk)
