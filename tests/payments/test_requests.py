"""What an operation asks of its provider."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.models import ProviderOperation
from payments.registry import provider_for
from payments.services import requests
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_operations_are_read_by_small_statements_that_need_no_planning(desk: Desk) -> None:
    desk.refund(desk.paid(), 4_000)
    ids = list(ProviderOperation.objects.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as seen:
        found = requests.read_operations(ids)

    assert [one.kind for one in found] == ["create", "refund"]
    assert len(seen) <= 8
    assert not any("JOIN" in one["sql"] for one in seen.captured_queries)


def test_a_request_reads_nothing_but_the_names_that_the_provider_gave(desk: Desk) -> None:
    desk.refund(desk.paid(), 4_000)
    (refund,) = requests.read_operations(
        list(ProviderOperation.objects.filter(kind="refund").values_list("pk", flat=True))
    )
    provider = provider_for(refund.account)

    with CaptureQueriesContext(connection) as seen:
        requests.of(provider, refund)

    assert len(seen) == 2
    assert all("providerreference" in one["sql"] for one in seen.captured_queries)
