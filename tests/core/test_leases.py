"""A row is held by one worker, for a while."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest
from django.apps.registry import Apps
from django.db import connection, connections, models, transaction

from core import leases
from core.leases import Claimed, Lease

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.core import Owner


class Chore(Lease):
    """A table of this test only."""

    status = models.CharField(max_length=8, default="new")

    objects: models.Manager[Chore] = models.Manager()

    class Meta:
        apps = Apps()  # A registry of its own: nobody else shall find it.
        app_label = "test"
        db_table = "test_chore"

    def __str__(self) -> str:
        return self.status


@pytest.fixture
def chores(transactional_db: None, owner: Owner) -> Iterator[list[int]]:
    """Twenty rows in a table that the owner makes and drops."""
    owner.execute(
        "CREATE TABLE test_chore (id bigserial PRIMARY KEY, status text DEFAULT 'new',"
        " lease_token uuid, lease_until timestamptz)"
    )
    owner.execute("INSERT INTO test_chore (status) SELECT 'new' FROM generate_series(1, 20)")
    yield list(Chore.objects.order_by("pk").values_list("pk", flat=True))
    owner.execute("DROP TABLE test_chore")


def claim(limit: int = 5, seconds: float = 60) -> Claimed:
    where = "status = %(status)s"
    return leases.claim(Chore, where, {"status": "new"}, limit=limit, seconds=seconds)


def test_the_oldest_free_rows_are_claimed(chores: list[int]) -> None:
    first, second = claim(), claim()

    assert first == chores[:5]
    assert second == chores[5:10]
    assert first.token != second.token
    assert set(Chore.objects.filter(pk__in=first).values_list("lease_token")) == {(first.token,)}


def test_only_rows_that_match_are_claimed(chores: list[int]) -> None:
    Chore.objects.filter(pk__in=chores[:18]).update(status="done")

    assert claim() == chores[18:]


def test_a_lease_that_ran_out_is_free_again(chores: list[int]) -> None:
    claim(limit=20, seconds=-1)

    assert claim(limit=20) == chores
    assert claim(limit=20) == []


def test_two_claimers_never_get_the_same_row(chores: list[int]) -> None:
    got: list[int] = []
    start = Barrier(6)

    def work() -> None:
        try:
            start.wait()
            while claimed := claim(limit=2):
                got.extend(claimed)
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == chores


def test_a_claimer_does_not_wait_for_a_locked_row(chores: list[int], owner: Owner) -> None:
    with owner.transaction():
        owner.execute("SELECT 1 FROM test_chore WHERE id = %s FOR UPDATE", [chores[0]])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '2s'")
            claimed = claim(limit=2)

    assert claimed == chores[1:3]
