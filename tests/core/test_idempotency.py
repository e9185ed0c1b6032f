"""One key, one object, however often and at once it is asked for."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING

import pytest
from django.db import connections, transaction
from django.utils import timezone

from core import audit, idempotency
from core.idempotency import KeyInFlight, KeyMissing, KeyReused, Reservation
from core.models import AuditEvent, IdempotencyRecord
from tests.factories.core import ApiKeyFactory, agent

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from core.models import ApiKey, User


def reserve(
    principal: User | ApiKey | str = "usr_1",
    key: str = "key-1",
    body: bytes = b"{}",
    route: str = "POST /x",
) -> Reservation:
    return idempotency.reserve(principal=principal, route=route, key=key, body=body, prefix="re")


@pytest.mark.django_db
def test_a_new_key_costs_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with transaction.atomic(), django_assert_num_queries(1):
        reservation = reserve()

    assert not reservation.is_replay
    assert reservation.public_id.startswith("re_")
    assert IdempotencyRecord.objects.get().object_id == reservation.public_id


@pytest.mark.django_db
def test_a_repeated_key_gives_the_same_object() -> None:
    first = reserve()
    second = reserve()

    assert second == Reservation(first.public_id, is_replay=True)
    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.django_db
def test_another_body_is_refused() -> None:
    reserve(body=b'{"amount": 1}')

    with pytest.raises(KeyReused):
        reserve(body=b'{"amount": 2}')

    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.django_db
def test_keys_of_others_and_of_other_routes_are_apart() -> None:
    reservations = [
        reserve(),
        reserve(principal=agent()),
        reserve(principal=ApiKeyFactory.create()),
        reserve(route="POST /y"),
        reserve(key="key-2"),
    ]

    assert not any(reservation.is_replay for reservation in reservations)
    assert len({reservation.public_id for reservation in reservations}) == 5


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "nul\x00", "ä"])
def test_an_unusable_key_is_refused(key: str) -> None:
    with pytest.raises(KeyMissing):
        reserve(key=key)

    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_key_whose_request_failed_is_free_again() -> None:
    @transaction.atomic
    def break_off() -> None:
        reserve()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()

    with transaction.atomic():
        assert not reserve().is_replay


@pytest.mark.django_db(transaction=True)
def test_while_the_first_request_is_open_the_second_is_told_at_once() -> None:
    is_open, may_end = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                reserve()
                is_open.set()
                may_end.wait(10)
        finally:
            connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    assert is_open.wait(10)
    try:
        with pytest.raises(KeyInFlight), transaction.atomic():
            reserve()
    finally:
        may_end.set()
        thread.join()

    with transaction.atomic():
        assert reserve().is_replay


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_object() -> None:
    actor = agent()
    start = Barrier(20)
    made: list[str] = []
    refused: list[KeyInFlight] = []

    def click() -> None:
        try:
            start.wait()
            with transaction.atomic():
                reservation = reserve(principal=actor)
                if not reservation.is_replay:
                    audit.record(actor, "refund.requested", actor)
            made.append(reservation.public_id)
        except KeyInFlight as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) + len(refused) == 20
    assert len(set(made)) == 1
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_record_twenty_at_once_make_many() -> None:
    """The proof that the test before this one can fail."""
    actor = agent()
    start = Barrier(20)

    def click() -> None:
        try:
            start.wait()
            with transaction.atomic():
                audit.record(actor, "refund.requested", actor)
        finally:
            connections.close_all()

    threads = [Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert AuditEvent.objects.count() == 20


def aged(days: float, **which: str) -> None:
    IdempotencyRecord.objects.filter(**which).update(
        created_at=timezone.now() - timedelta(days=days)
    )


@pytest.mark.django_db
def test_only_keys_older_than_thirty_days_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "BATCH", 2)
    for number in range(5):
        reserve(principal="usr_old", key=f"key-{number}")
    aged(30.01)
    reserve(principal="usr_young")
    aged(29.99, principal="usr_young")
    reserve(principal="usr_new")

    assert idempotency.forget_old() == 5
    assert idempotency.forget_old() == 0

    left = IdempotencyRecord.objects.order_by("pk").values_list("principal", flat=True)
    assert list(left) == ["usr_young", "usr_new"]


@pytest.mark.django_db
def test_a_key_is_good_for_thirty_days_and_new_after_them() -> None:
    first = reserve()
    aged(29.99)
    idempotency.forget_old()
    assert reserve() == Reservation(first.public_id, is_replay=True)

    aged(30.01)
    idempotency.forget_old()
    assert not reserve().is_replay


@pytest.mark.django_db(transaction=True)
def test_a_key_whose_request_is_open_is_neither_forgotten_nor_waited_for() -> None:
    is_open, may_end = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                reserve()
                aged(40)
                is_open.set()
                may_end.wait(10)
        finally:
            connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    assert is_open.wait(10)
    try:
        assert idempotency.forget_old() == 0
    finally:
        may_end.set()
        thread.join()

    assert reserve().is_replay
