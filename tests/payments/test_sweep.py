"""The sweep goes on where a step of it breaks off."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Invoice
from payments.services.sweep import WAITING, sweep
from tests.factories.orders import InvoiceFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_connection_that_breaks_costs_one_step_not_the_whole_sweep(
    caplog: pytest.LogCaptureFixture,
) -> None:
    connection.ensure_connection()
    connection.connection.close()

    done = sweep()

    failed = [one for one in caplog.records if one.message == "a step of the sweep failed"]
    assert len(failed) == 1
    assert set(done.values()) == {0}


def test_a_sweep_that_finds_nothing_asks_once() -> None:
    with CaptureQueriesContext(connection) as asked:
        done = sweep()

    assert len(asked) == 1
    assert set(done.values()) == {0}


def test_every_step_says_what_waits_for_it() -> None:
    assert {name for name, _ in WAITING} == set(sweep())


def test_each_step_finds_what_waits_for_it() -> None:
    invoice = InvoiceFactory.create()
    Invoice.objects.filter(pk=invoice.pk).update(is_posted=False)

    done = sweep()

    assert done == dict.fromkeys(done, 0) | {"postings": 1}
    invoice.refresh_from_db()
    assert invoice.is_posted
