from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import User
from core.transactions import in_a_transaction
from tests.factories.core import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@in_a_transaction
def rename(*, fails: bool = False) -> None:
    assert connection.in_atomic_block
    User.objects.update(first_name="Eino")
    if fails:
        raise ValueError


def test_it_opens_a_transaction_where_none_is_open() -> None:
    UserFactory.create(first_name="Aino")

    with pytest.raises(ValueError, match=r"^$"):
        rename(fails=True)

    assert User.objects.get().first_name == "Aino"
    rename()
    assert User.objects.get().first_name == "Eino"


def test_it_joins_the_one_that_is_open_without_a_savepoint() -> None:
    @in_a_transaction
    def outer() -> None:
        rename()
        raise ValueError

    UserFactory.create(first_name="Aino")

    with CaptureQueriesContext(connection) as asked, pytest.raises(ValueError, match=r"^$"):
        outer()

    assert not any("SAVEPOINT" in query["sql"] for query in asked.captured_queries)
    assert User.objects.get().first_name == "Aino"
