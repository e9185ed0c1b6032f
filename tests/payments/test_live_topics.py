"""What open pages hear of a customer: a version that is the same in the news and in the rows."""

from __future__ import annotations

from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.test import AsyncClient

from core import live, quickredis, views
from core.money import Money
from payments.models import PaymentIntent
from payments.services.intents import NewIntent, cancel_intent, create_intent
from tests.core.test_live import opened, sign_in
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory
from tests.payments.test_races import at_once

if TYPE_CHECKING:
    from core.models import User
    from crm.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = 3600.0


@pytest.fixture
def reader() -> User:
    return agent()


@pytest.fixture
def customer() -> Customer:
    return CustomerFactory.create()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What was published, in its order."""
    news: list[tuple[str, int]] = []
    monkeypatch.setattr(live, "publish", lambda *message: news.append(message))
    return news


def topic_of(customer: Customer) -> str:
    return f"customer:{customer.public_id}"


def ask(customer: Customer, actor: User) -> PaymentIntent:
    wanted = NewIntent(customer=customer, amount=Money(1_000, "EUR"), allows_surplus=True)
    return create_intent(wanted, actor=actor)


def present(customer: Customer, reader: User) -> int:
    return live.versions(reader, [topic_of(customer)])[topic_of(customer)]


def test_a_new_payment_is_told_with_the_version_that_is_read(
    customer: Customer, reader: User, told: list[tuple[str, int]]
) -> None:
    read = [present(customer, reader)]
    for _ in range(2):
        ask(customer, reader)
        read.append(present(customer, reader))

    assert read == [0, 1, 2]
    assert told == [(topic_of(customer), 1), (topic_of(customer), 2)]


def test_every_change_of_a_payment_makes_the_customers_version_grow(
    customer: Customer, reader: User
) -> None:
    intent = ask(customer, reader)
    before = present(customer, reader)

    cancel_intent(intent_id=intent.pk, actor=reader)

    assert present(customer, reader) > before


def ask_twice_at_once(customer: Customer, reader: User) -> None:
    """Two transactions that commit only after both have written their payment."""
    both_wrote = Barrier(2)

    def act() -> None:
        with transaction.atomic():
            ask(customer, reader)
            both_wrote.wait(10)

    assert at_once([act, act]) == [None, None]


def test_of_two_payments_at_once_the_last_told_is_what_is_read(
    customer: Customer, reader: User, told: list[tuple[str, int]]
) -> None:
    ask_twice_at_once(customer, reader)

    assert max(version for _, version in told) == present(customer, reader) == 2


def test_a_version_read_before_the_commit_would_be_too_old(
    customer: Customer,
    reader: User,
    told: list[tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The proof that the test before this one can fail."""
    later = live.publish_on_commit
    monkeypatch.setattr(live, "publish_on_commit", lambda topic, version: later(topic, version()))

    ask_twice_at_once(customer, reader)

    assert max(version for _, version in told) < present(customer, reader)


@pytest.mark.parametrize("payments_before", [0, 2])
def test_a_page_hears_a_new_payment_at_once_also_after_a_reload(
    customer: Customer, reader: User, payments_before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No comparison comes in time here: what is heard was told, or is told at the beginning."""
    monkeypatch.setattr(views, "COMPARE_S", SLOW)
    quickredis.breaker.reset()
    for _ in range(payments_before):
        ask(customer, reader)
    browser: Any = AsyncClient()
    sign_in(browser, reader)

    @async_to_sync
    async def heard(*, asks: bool) -> list[tuple[str, int]]:
        async with opened(browser, topic_of(customer)) as page:
            await page.listen(until=1)
            if not asks:
                return page.heard
            await subscribed()
            await sync_to_async(ask)(customer, reader)
            return await page.listen(until=2)

    before, after = payments_before, payments_before + 1
    assert heard(asks=True) == [(topic_of(customer), before), (topic_of(customer), after)]
    assert heard(asks=False) == [(topic_of(customer), after)]


async def subscribed() -> None:
    """Wait until this process listens to Redis."""

    def listeners() -> Any:
        return quickredis.attempt(lambda redis: redis.pubsub_numsub(live.CHANNEL)[0][1])

    for _ in range(200):
        if await sync_to_async(listeners)():
            return
