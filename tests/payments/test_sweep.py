"""The sweep goes on where a step of it breaks off."""

from __future__ import annotations

import pytest
from django.db import connection

from payments.services.sweep import sweep

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
