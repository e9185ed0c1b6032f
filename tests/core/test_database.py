"""What the application's own login cannot do, whatever it is told to."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from core import audit
from core.models import AuditEvent
from tests.factories.core import agent

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE core_auditevent",
        "ALTER TABLE core_auditevent DISABLE TRIGGER USER",
        "DROP TRIGGER core_auditevent_append_only ON core_auditevent",
        "DROP TABLE core_auditevent",
        "SET session_replication_role = 'replica'",
        "DROP FUNCTION core_refuse_change()",
    ],
)
def test_the_application_cannot_lift_the_rule_that_rows_only_grow(statement: str) -> None:
    audit.record(agent(), "refund.requested", agent())

    with (
        pytest.raises(ProgrammingError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert AuditEvent.objects.count() == 1
