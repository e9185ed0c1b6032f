"""The owner of the tables, for tests of what not even the owner does unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.core import Owner


@pytest.fixture
def owner() -> Iterator[Owner]:
    """A connection that may switch triggers off, each statement its own transaction."""
    given = connections["owner"].get_connection_params()
    login = {name: given[name] for name in ("host", "port", "user", "password") if name in given}
    name = connections["owner"].settings_dict["NAME"]
    with psycopg.connect(**login, dbname=name, autocommit=True) as connection:
        yield connection
