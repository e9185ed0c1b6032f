from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from core import rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.postgresql.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


@pytest.fixture
def other() -> Iterator[DatabaseWrapper]:
    """A second connection of the same login."""
    made: Any = connection.copy()
    made.connect()
    yield made
    made.close()


def test_a_connection_that_is_alive_is_usable(other: DatabaseWrapper) -> None:
    assert other.is_usable()


def test_a_connection_that_the_server_ended_is_not_usable(other: DatabaseWrapper) -> None:
    ended = other.connection.info.backend_pid

    assert rows.select("SELECT pg_terminate_backend(%s::int, 5000)", [ended]) == [(True,)]

    assert not other.is_usable()


def test_a_connection_that_was_closed_is_not_usable(other: DatabaseWrapper) -> None:
    other.connection.close()

    assert not other.is_usable()


def test_a_statement_that_comes_again_is_planned_once_whatever_the_numbers() -> None:
    statement = "SELECT id FROM core_user WHERE id = %s AND last_name <> 'planned once'"
    for number in (1, 70_000, 5_000_000_000, 2):
        rows.select(statement, [number])

    planned = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"

    assert rows.select(planned, ["%planned once%"]) == [(1,)]
