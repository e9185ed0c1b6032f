"""The servers, the database and the rules of every test."""

from __future__ import annotations

import os
from time import monotonic
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.pq import TransactionStatus

from tests.servers import SERVERS, TEST_DATABASE  # isort: skip - starts what the settings name

from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation

from core import reference, remembered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoAssertNumQueries
    from pytest_django.plugin import DjangoDbBlocker

IDLE = TransactionStatus.IDLE


def _owner(database: str | None = None) -> psycopg.Connection[Any]:
    """A connection as the owner, outside of Django's care."""
    parameters = connections["owner"].get_connection_params()
    keep = {
        name: parameters[name]
        for name in ("host", "port", "user", "password")
        if parameters.get(name)
    }
    name = database or connections["owner"].settings_dict["NAME"]
    return psycopg.connect(**keep, dbname=name, autocommit=True)


def _use_database(name: str) -> None:
    for connection in connections.all():
        connection.close()
        connection.settings_dict["NAME"] = name


def _migrate() -> None:
    """Create the test database as the owner; the application's role only uses it."""
    call_command("migrate", database="owner", verbosity=0, interactive=False)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """One migrated database a run. A run on an external server makes and drops its own."""
    del django_test_environment
    original = connections["owner"].settings_dict["NAME"]
    name = TEST_DATABASE if SERVERS.postgres else f"{TEST_DATABASE}_{os.getpid()}"
    with django_db_blocker.unblock():
        if not SERVERS.is_migrated:
            with _owner() as connection:
                connection.execute(f'CREATE DATABASE "{name}"'.encode())
            _use_database(name)
            _migrate()
            _use_database(name)
            SERVERS.keep_migrated_cluster()
        _use_database(name)
        reference.ensure_reference_data()
    yield
    if SERVERS.postgres is None:
        with django_db_blocker.unblock():
            _use_database(original)
            with _owner() as connection:
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def _flush_as_owner(self: Any) -> None:
    """Empty every table that has rows. Only the owner may: the application lacks TRUNCATE."""
    del self
    _drop_broken_connections()
    with _owner() as connection:
        connection.execute("SET lock_timeout = '10s'")
        try:
            _truncate(connection)
        except psycopg.errors.LockNotAvailable:
            _end_other_sessions()
            _truncate(connection)
            pytest.fail("A thread of this test left a transaction open.")
        finally:
            reference.ensure_reference_data()


def _truncate(connection: psycopg.Connection[Any]) -> None:
    tables = connection.execute(
        "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename"
        " NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"
    ).fetchall()
    has_rows = " UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for (name,) in tables)
    filled = ", ".join(name for (name,) in connection.execute(has_rows.encode()))
    if filled:
        connection.execute(f"TRUNCATE {filled} RESTART IDENTITY CASCADE".encode())


def _end_other_sessions() -> None:
    """End what a test forgot, so that the next test finds an empty database."""
    connections.close_all()
    if SERVERS.postgres is not None:
        with SERVERS.postgres.connect() as superuser:
            superuser.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'kuitti_app'"
            )


def _drop_broken_connections() -> None:
    """Forget connections that a timeout interrupted: no later test could use them."""
    for wrapper in connections.all(initialized_only=True):
        raw = wrapper.connection
        if raw is not None and (raw.closed or raw.info.transaction_status != IDLE):
            raw.close()
            wrapper.connection = None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Before the workers start: each has servers and a database of its own."""
    SERVERS.step_aside()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """After everything else: a test that was interrupted spoils no other."""
    try:
        return (yield)
    finally:
        _drop_broken_connections()


@pytest.fixture(autouse=True, scope="session")
def _flush_after_committing_tests() -> Iterator[None]:
    """Tests that commit are cleaned up after by the owner, then get their reference rows back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _flush_as_owner)
        yield


@pytest.fixture(autouse=True)
def _speaks_english() -> Iterator[None]:
    """A request leaves its language behind until the next; the next test speaks its own."""
    yield
    translation.deactivate()


@pytest.fixture
def _nothing_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still for what is remembered: a slow machine asks no more often."""
    now = monotonic()
    monkeypatch.setattr(remembered, "monotonic", lambda: now)


@pytest.fixture
def django_assert_num_queries(
    django_assert_num_queries: DjangoAssertNumQueries, _nothing_grows_old: None
) -> DjangoAssertNumQueries:
    """Count queries while time stands still."""
    return django_assert_num_queries


@pytest.fixture
def django_assert_max_num_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries, _nothing_grows_old: None
) -> DjangoAssertNumQueries:
    """Count queries while time stands still."""
    return django_assert_max_num_queries
