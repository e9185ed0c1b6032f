"""Locks are taken in one order, and mistakes are found where they are made."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from django.db import connections, transaction

from core import locks
from core.locks import LockOrderViolated, NetworkInsideTransaction, Rank
from core.models import ApiKey, User
from tests.factories.core import ApiKeyFactory, UserFactory


@pytest.mark.django_db
@transaction.atomic
def test_rows_come_locked_and_in_the_order_of_their_keys() -> None:
    made = [UserFactory.create() for _ in range(3)]

    found = locks.rows(Rank.CUSTOMER, User.objects.order_by("-pk"))

    assert [user.pk for user in found] == sorted(user.pk for user in made)


@pytest.mark.django_db
@transaction.atomic
def test_one_row_means_exactly_one() -> None:
    with pytest.raises(User.DoesNotExist):
        locks.one(Rank.CUSTOMER, User.objects.filter(pk=0))
    UserFactory.create_batch(2)
    with pytest.raises(User.MultipleObjectsReturned):
        locks.one(Rank.CUSTOMER, User.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_lower_rank_after_a_higher_one_is_refused() -> None:
    user, key = UserFactory.create(), ApiKeyFactory.create()

    with transaction.atomic():
        locks.one(Rank.INTENT, ApiKey.objects.filter(pk=key.pk))
        with pytest.raises(LockOrderViolated, match="CUSTOMER was asked for after INTENT"):
            locks.one(Rank.CUSTOMER, User.objects.filter(pk=user.pk))
        locks.one(Rank.LEDGER, User.objects.filter(pk=user.pk))


@pytest.mark.django_db
def test_the_order_is_kept_inside_a_wrapped_test_too() -> None:
    user, key = UserFactory.create(), ApiKeyFactory.create()

    with transaction.atomic():
        locks.one(Rank.INTENT, ApiKey.objects.filter(pk=key.pk))
        with transaction.atomic(), pytest.raises(LockOrderViolated):
            locks.one(Rank.CUSTOMER, User.objects.filter(pk=user.pk))
    with transaction.atomic():
        locks.one(Rank.CUSTOMER, User.objects.filter(pk=user.pk))


@pytest.mark.django_db(transaction=True)
def test_the_next_transaction_begins_anew() -> None:
    user, key = UserFactory.create(), ApiKeyFactory.create()

    for _ in range(2):
        with transaction.atomic():
            locks.one(Rank.CUSTOMER, User.objects.filter(pk=user.pk))
            locks.one(Rank.INTENT, ApiKey.objects.filter(pk=key.pk))


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_savepoint_gives_its_locks_back() -> None:
    user, key = UserFactory.create(), ApiKeyFactory.create()

    @transaction.atomic
    def break_off() -> None:
        locks.one(Rank.INTENT, ApiKey.objects.filter(pk=key.pk))
        raise RuntimeError

    with transaction.atomic():
        with pytest.raises(RuntimeError):
            break_off()
        locks.one(Rank.CUSTOMER, User.objects.filter(pk=user.pk))


@pytest.mark.django_db(transaction=True)
def test_a_released_savepoint_keeps_its_locks() -> None:
    user, key = UserFactory.create(), ApiKeyFactory.create()

    with transaction.atomic():
        with transaction.atomic():
            locks.one(Rank.INTENT, ApiKey.objects.filter(pk=key.pk))
        with pytest.raises(LockOrderViolated):
            locks.one(Rank.CUSTOMER, User.objects.filter(pk=user.pk))


@pytest.mark.django_db(transaction=True)
def test_what_is_held_already_may_be_asked_for_again() -> None:
    user, other, key = UserFactory.create(), UserFactory.create(), ApiKeyFactory.create()

    with transaction.atomic():
        locks.one(Rank.CUSTOMER, User.objects.filter(pk=user.pk))
        locks.one(Rank.INTENT, ApiKey.objects.filter(pk=key.pk))
        locks.one(Rank.CUSTOMER, User.objects.filter(pk=user.pk))
        with pytest.raises(LockOrderViolated):
            locks.rows(Rank.CUSTOMER, User.objects.filter(pk__in=[user.pk, other.pk]))


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        locks.rows(Rank.CUSTOMER, User.objects.all())


@pytest.mark.django_db(transaction=True)
def test_a_lock_does_not_block_an_insert_that_points_to_the_row() -> None:
    user = UserFactory.create()
    is_locked, may_end = Event(), Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                locks.one(Rank.CUSTOMER, User.objects.filter(pk=user.pk))
                is_locked.set()
                may_end.wait(10)
        finally:
            connections.close_all()

    thread = Thread(target=hold)
    thread.start()
    assert is_locked.wait(10)
    try:
        with transaction.atomic(), connections["default"].cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            ApiKeyFactory.create(owner=user)
    finally:
        may_end.set()
        thread.join()

    assert ApiKey.objects.filter(owner=user).exists()


@pytest.mark.django_db(transaction=True)
def test_the_network_waits_for_the_end_of_the_transaction() -> None:
    locks.assert_no_transaction()

    with transaction.atomic(), pytest.raises(NetworkInsideTransaction):
        locks.assert_no_transaction()


@pytest.mark.django_db
def test_a_test_s_own_transaction_does_not_count_for_the_network() -> None:
    locks.assert_no_transaction()

    with transaction.atomic(), pytest.raises(NetworkInsideTransaction):
        locks.assert_no_transaction()
