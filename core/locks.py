"""One lock order, so that no two transactions ever wait for each other in a circle.

Every row lock of this project is taken here. `NO KEY` matters: plain FOR UPDATE would block
the foreign-key check of any insert that points to the row, and two of those deadlock.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from django.db import connection, connections, models, transaction

from core import rows as plain_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper


class Rank(IntEnum):
    """What is locked before what: a lower rank first."""

    IDEMPOTENCY = 1
    CUSTOMER = 2
    CALL = 3
    ORDER = 4
    INVOICE = 5
    STOCK = 6
    INTENT = 7
    SESSION = 8
    ATTEMPT = 9
    OPERATION = 10
    CAPTURE = 11
    REFUND = 12  # and disputes
    LEDGER = 13
    NUMBER_SERIES = 14
    PROMISE = 15  # and instalment plans: money reaches them last
    WEBHOOK = 16
    MESSAGE = 17


class LockOrderViolated(AssertionError):
    """A programmer's mistake: a lower rank was asked for after a higher one."""


class NetworkInsideTransaction(AssertionError):
    """A programmer's mistake: something slow was about to happen while rows are locked."""


class _Held:
    """Locks that this transaction holds.

    It lives among the callbacks that Django runs at commit, because Django drops those
    exactly when PostgreSQL drops the locks: at commit, rollback and rollback to a savepoint.
    """

    def __init__(self, rank: Rank, model: type[models.Model], pks: set[Any], outer: Any) -> None:
        self.rank = rank
        self.model = model
        self.pks = pks
        self.outer = outer

    def __call__(self) -> None:
        """Do nothing at commit: being dropped is all that is asked of it."""


def rows[M: models.Model](rank: Rank, queryset: models.QuerySet[M]) -> list[M]:
    """Lock the rows in the order of their primary keys, and give them as they then are.

    Refuses (LockOrderViolated) a rank below one that this transaction already holds, unless
    every row asked for is held already. Needs an open transaction.
    """
    connection = connections[queryset.db]
    ordered = queryset.order_by("pk")
    held = _held(connection)
    highest = max((entry.rank for entry in held), default=rank)
    if rank < highest and not _are_held(held, ordered):
        raise LockOrderViolated(f"{rank.name} was asked for after {highest.name}")
    locked = list(ordered.select_for_update(no_key=True, of=("self",)))
    _remember(rank, locked, connection)
    return locked


def fetch[M: models.Model](
    rank: Rank, model: type[M], statement: str, parameters: Sequence[Any]
) -> list[M]:
    """Lock rows by a SELECT spelt out for speed, which ends in FOR NO KEY UPDATE.

    The same order holds, without the exception for rows that are held already.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock needs an open transaction")
    highest = max((entry.rank for entry in _held(connection)), default=rank)
    if rank < highest:
        raise LockOrderViolated(f"{rank.name} was asked for after {highest.name}")
    locked = plain_rows.fetch(model, statement, parameters)
    _remember(rank, locked, connection)
    return locked


def by_pk[M: models.Model](rank: Rank, model: type[M], pks: Sequence[int]) -> list[M]:
    """Lock rows as `rows` does, with the exception for those held already, and faster."""
    if not pks:
        return []
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a lock needs an open transaction")
    held = _held(connection)
    highest = max((entry.rank for entry in held), default=rank)
    if rank < highest and not set(pks) <= _pks(held, model):
        raise LockOrderViolated(f"{rank.name} was asked for after {highest.name}")
    locked = plain_rows.read(model, f"{plain_rows.BY_IDS} FOR NO KEY UPDATE", [list(pks)])
    _remember(rank, locked, connection)
    return locked


def one[M: models.Model](rank: Rank, queryset: models.QuerySet[M]) -> M:
    """Lock exactly one row. Raises the model's DoesNotExist or MultipleObjectsReturned."""
    found, name = rows(rank, queryset), queryset.model.__name__
    if not found:
        raise queryset.model.DoesNotExist(f"no {name} to lock")  # type: ignore[attr-defined]
    if len(found) > 1:
        raise queryset.model.MultipleObjectsReturned(name)  # type: ignore[attr-defined]
    return found[0]


def assert_no_transaction(using: str = "default") -> None:
    """Raise NetworkInsideTransaction while a transaction is open. Call it before the network."""
    if connections[using].in_atomic_block and own_depth(connections[using]) > 0:
        raise NetworkInsideTransaction("the network must wait until the transaction has ended")


def _remember(rank: Rank, locked: Sequence[models.Model], connection: BaseDatabaseWrapper) -> None:
    if locked:
        pks = {row.pk for row in locked}
        entry = _Held(rank, type(locked[0]), pks, _outermost_savepoint(connection))
        transaction.on_commit(entry, using=connection.alias)


def _held(connection: BaseDatabaseWrapper) -> list[_Held]:
    outer = _outermost_savepoint(connection)
    callbacks = (entry[1] for entry in connection.run_on_commit)
    return [call for call in callbacks if isinstance(call, _Held) and call.outer == outer]


def _are_held(held: list[_Held], queryset: models.QuerySet[Any]) -> bool:
    return set(queryset.values_list("pk", flat=True)) <= _pks(held, queryset.model)


def _pks(held: list[_Held], model: type[models.Model]) -> set[Any]:
    return set().union(*(entry.pks for entry in held if entry.model is model))


def own_depth(connection: BaseDatabaseWrapper) -> int:
    """Count the open atomic blocks that are not a test's own wrapping."""
    return sum(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _outermost_savepoint(connection: BaseDatabaseWrapper) -> Any:
    """Name what our outermost block is: None for a real transaction, a savepoint inside a test."""
    wrapping = len(connection.atomic_blocks) - own_depth(connection)
    return (
        connection.savepoint_ids[wrapping - 1]
        if 0 < wrapping <= len(connection.savepoint_ids)
        else None
    )
