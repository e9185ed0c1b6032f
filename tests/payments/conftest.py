"""Money is derived again after every test that moved some."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payments import error_codes
from payments.services import accounts, checkout, health
from payments.services.verifying import differences

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def patient_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer for a page than a customer would: the machine may be busy with other tests."""
    monkeypatch.setattr(checkout, "LONGEST_WAIT_S", 20)


@pytest.fixture(autouse=True)
def money_is_verified(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test whose rows are not what their facts give."""
    uses_database = {"db", "transactional_db"} & set(request.fixturenames) or (
        request.node.get_closest_marker("django_db")
    )
    if not uses_database:
        yield
        return
    marker = request.node.get_closest_marker("django_db")
    is_committing = "transactional_db" in request.fixturenames or (
        marker is not None and marker.kwargs.get("transaction")
    )
    request.getfixturevalue("transactional_db" if is_committing else "db")
    accounts.forget()
    health.forget()
    error_codes.forget()
    yield
    assert list(differences()) == []
