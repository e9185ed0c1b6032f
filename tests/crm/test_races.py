"""Real threads on PostgreSQL. Each guard is also taken away once, to see the test notice it."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from core import leases, locks
from core.errors import DomainError
from crm.models import AgentLine, CustomerMerge, ExternalId, OutgoingMessage
from crm.services import merging, messages, sending
from crm.services.customers import create_customer
from tests.factories.calls import ring, tell
from tests.factories.core import agent, senior_agent
from tests.factories.crm import CustomerFactory, OutgoingMessageFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from core.locks import Rank
    from core.models import User
    from crm.models import Call
    from tests.crm.gateway_server import GatewayServer

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8


def at_once(function: Callable[[int], Any]) -> list[Any]:
    """Call the function in eight threads that start together; refusals are given as results."""
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return function(number)
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_drains_at_once_send_every_message_once(gateway: GatewayServer) -> None:
    gateway.honours_key = False
    gateway.delay = 0.005
    OutgoingMessageFactory.create_batch(40)

    handed_over = at_once(lambda _: sending.drain())

    assert sum(handed_over) == 40
    assert set(gateway.effects.values()) == {1}
    assert set(OutgoingMessage.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_without_leases_messages_would_be_sent_twice(
    gateway: GatewayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.honours_key = False
    gateway.delay = 0.005
    monkeypatch.setattr(leases, "claim", claims_that_overlap())
    OutgoingMessageFactory.create_batch(10)

    at_once(lambda _: sending.drain())

    assert max(gateway.effects.values()) > 1


def claims_that_overlap() -> Callable[..., leases.Claimed]:
    """Every thread gets all rows, once, as if nobody had to wait for anybody's lease."""
    shared, done = uuid.uuid4(), threading.local()

    def claim(*_: Any, **__: Any) -> leases.Claimed:
        claimed = leases.Claimed()
        claimed.token = shared
        if not getattr(done, "is_set", False):
            done.is_set = True
            OutgoingMessage.objects.update(
                lease_token=shared, lease_until=timezone.now() + timedelta(seconds=60)
            )
            claimed += OutgoingMessage.objects.values_list("pk", flat=True)
        return claimed

    return claim


def test_asking_at_once_for_one_cause_writes_one_message() -> None:
    customer = CustomerFactory.create()

    asked = at_once(
        lambda _: (
            messages.queue(
                cause="cap_1",
                kind="greeting",
                channel="sms",
                destination="+358401234567",
                customer_id=customer.pk,
                language="fi",
                data={},
            ).pk
        )
    )

    assert len(set(asked)) == 1
    assert OutgoingMessage.objects.count() == 1


def test_merging_crosswise_at_once_merges_once() -> None:
    first, second = CustomerFactory.create_batch(2)
    actor = senior_agent()

    def merge(number: int) -> CustomerMerge:
        source, target = (first, second) if number % 2 else (second, first)
        return merging.merge_customers(source=source, target=target, actor=actor)

    results = at_once(merge)

    assert sum(isinstance(result, CustomerMerge) for result in results) == 1
    assert CustomerMerge.objects.count() == 1


def test_without_the_lock_crosswise_merges_would_lead_in_a_circle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = CustomerFactory.create_batch(2)
    actor = senior_agent()

    def read_and_dawdle(rank: Rank, rows: QuerySet[Any]) -> list[Any]:
        del rank
        found = list(rows)
        time.sleep(0.2)
        return found

    monkeypatch.setattr(locks, "rows", read_and_dawdle)

    def merge(number: int) -> object:
        source, target = (first, second) if number % 2 else (second, first)
        try:
            return merging.merge_customers(source=source, target=target, actor=actor)
        except DatabaseError as error:  # a second merge of the same pair, or a deadlock
            return error

    at_once(merge)

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.merged_into == second
    assert second.merged_into == first


def test_an_external_id_taken_at_once_goes_to_one_customer() -> None:
    actor = senior_agent()

    results = at_once(
        lambda number: create_customer(
            name=f"Shop {number}", external_ids={"webshop": "7"}, actor=actor
        )
    )

    assert sum(not isinstance(result, DomainError) for result in results) == 1
    assert ExternalId.objects.count() == 1
    assert ExternalId.objects.get().customer.name.startswith("Shop")


def news_at_once(user: User) -> Call:
    """Eight pieces of news about one call, each in a thread of its own."""
    call = ring(user)
    at_once(lambda number: tell(call, "held" if number % 2 else "resumed", number + 1))
    call.refresh_from_db()
    return call


def test_news_of_a_call_that_comes_at_once_is_joined_whole() -> None:
    user = agent()

    call = news_at_once(user)

    assert (call.status, call.version) == ("held", 9)
    assert AgentLine.objects.get(user=user).version == 9


def test_without_the_lock_news_of_a_call_would_be_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_slowly(rank: Rank, queryset: QuerySet[Any]) -> Any:
        del rank
        found = queryset.get()
        time.sleep(0.05)
        return found

    monkeypatch.setattr(locks, "one", read_slowly)

    assert news_at_once(agent()).version < 9
