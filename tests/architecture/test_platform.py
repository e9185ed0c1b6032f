from __future__ import annotations

import pytest
from django.db import connection


@pytest.mark.django_db
def test_the_application_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner"
            " WHERE r.rolname = current_user"
        )
        owned = cursor.fetchone()

    assert owned == (0,)


@pytest.mark.django_db(transaction=True)
def test_committed_rows_are_gone_after_the_test() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("kuitti_app",)
