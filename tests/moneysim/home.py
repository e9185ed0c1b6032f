"""Servers and a migrated database for a process of the simulator's own."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.servers import SERVERS, TEST_DATABASE  # isort: skip - starts what the settings name

from django.core.management import call_command
from django.db import connections

from core import reference
from tests.conftest import _owner, _use_database

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def database_ready() -> Iterator[None]:
    """One migrated database for this process; on an external server it is dropped afterwards."""
    original = connections["owner"].settings_dict["NAME"]
    name = TEST_DATABASE if SERVERS.postgres else f"{TEST_DATABASE}_{os.getpid()}"
    if not SERVERS.is_migrated:
        with _owner() as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        _use_database(name)
        call_command("migrate", database="owner", verbosity=0, interactive=False)
        _use_database(name)
        SERVERS.keep_migrated_cluster()
    _use_database(name)
    reference.ensure_reference_data()
    try:
        yield
    finally:
        connections.close_all()
        if SERVERS.postgres is None:
            _use_database(original)
            with _owner() as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
