from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from orders.models import NumberSeries
from orders.numbering import INVOICES, ensure_series, next_number, next_order_number
from tests.orders.threads import THREADS, race

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 20
FAILS_EVERY = 10


def take_many(take: Callable[[str], int], thread: int) -> list[int]:
    """Take numbers in many transactions, of which every tenth is rolled back."""
    kept = []
    for turn in range(ROUNDS):
        is_given_up = (thread + turn) % FAILS_EVERY == 0
        with transaction.atomic():
            number = take(INVOICES)
            transaction.set_rollback(is_given_up)
        if not is_given_up:
            kept.append(number)
    return kept


def taken_by_all(take: Callable[[str], int]) -> list[int]:
    results = race([partial(take_many, take, thread) for thread in range(THREADS)])
    return sorted(number for numbers in results for number in numbers)


@pytest.mark.django_db(transaction=True)
def test_eight_threads_with_rollbacks_leave_no_gap_and_no_duplicate() -> None:
    first = NumberSeries.objects.get(name=INVOICES).next_number

    taken = taken_by_all(next_number)

    assert len(taken) == THREADS * ROUNDS * (FAILS_EVERY - 1) // FAILS_EVERY
    assert taken == list(range(first, first + len(taken)))


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_numbers_would_be_given_twice() -> None:
    def take_unlocked(name: str) -> int:
        row = NumberSeries.objects.get(name=name)
        time.sleep(0.001)
        NumberSeries.objects.filter(pk=row.pk).update(next_number=row.next_number + 1)
        return row.next_number

    taken = taken_by_all(take_unlocked)

    assert len(set(taken)) < len(taken)


@pytest.mark.django_db(transaction=True)
def test_a_sequence_would_leave_gaps() -> None:
    def take_from_sequence(name: str) -> int:
        del name
        return int(next_order_number())

    taken = taken_by_all(take_from_sequence)

    assert len(set(taken)) == len(taken)
    assert taken != list(range(taken[0], taken[0] + len(taken)))


@pytest.mark.django_db
def test_ensuring_the_series_again_does_not_start_them_again() -> None:
    with transaction.atomic():
        number = next_number(INVOICES)

    ensure_series()

    with transaction.atomic():
        assert next_number(INVOICES) == number + 1


@pytest.mark.django_db(transaction=True)
def test_a_number_needs_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        next_number(INVOICES)

    assert not connection.in_atomic_block
