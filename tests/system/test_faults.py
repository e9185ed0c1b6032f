"""The real processes under the real faults: killed workers, an emptied Redis, a lost database.

Customers pay by the API and the pay page at the real sandbox meanwhile. Afterwards every
payment that the provider took is ours once, and nothing is left open.
"""

from __future__ import annotations

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bench.crowd.gathering import check
from tests.browser.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.embedded.house import House

PAGE = re.compile(r"url=(\S+)")
GOOD = "4242424242424242"
# What a killed worker had taken is free after a lease of 60 s; one sweep, every 30 s, finds it,
# and what became of it may be asked for by the next.
QUIET_WITHIN_S = PAGE_WITHIN_S = 180

pytestmark = pytest.mark.timeout(420)


class Customers:
    """People who pay at a running shop, and try again while something is down."""

    def __init__(self, shop: Shop) -> None:
        self.house = shop.house
        self.headers = {"Authorization": f"Bearer {shop.token}"}
        self.known = check(shop.house, "--customers")["customers"]

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Ask the API as a careful client does: with one key, again until there is an answer."""
        headers = self.headers | {"Idempotency-Key": uuid.uuid4().hex}
        ends_at = time.monotonic() + 60
        while True:
            try:
                address = f"{self.house.address}/api/v1/{path}"
                answer = httpx.post(address, json=body, headers=headers, timeout=30)
                if answer.status_code < 500:
                    made: dict[str, Any] = answer.raise_for_status().json()
                    return made
            except httpx.TransportError:
                pass
            assert time.monotonic() < ends_at, "the API did not come back"
            time.sleep(0.5)

    def pay(self, number: int) -> str:
        """Pay one link as a customer does who tries again while something is down."""
        customer = self.known[number % len(self.known)]
        intent = self.post(
            "payment-intents",
            customer=customer,
            amount=1_000 + number,
            currency="EUR",
            allow_surplus=True,
        )
        session = self.post("checkout-sessions", payment_intent=intent["id"])
        page = self._page(session["url"])
        httpx.post(page, data={"card": GOOD}, timeout=30)
        return str(intent["id"])

    def _page(self, address: str) -> str:
        ends_at = time.monotonic() + PAGE_WITHIN_S
        while time.monotonic() < ends_at:
            try:
                httpx.post(f"{address}method/", data={"method": "card"}, timeout=30)
                onward = httpx.get(f"{address}onward/", timeout=30)
                if found := PAGE.search(onward.headers.get("refresh", "")):
                    return found[1]
            except httpx.TransportError:
                pass
            time.sleep(0.5)
        raise AssertionError("no page to pay at")

    def pay_meanwhile(self, fault: Any) -> list[str]:
        """Let twelve customers pay while a fault happens, and return what they paid."""
        with ThreadPoolExecutor(4) as pool:
            paying = [pool.submit(self.pay, number) for number in range(12)]
            time.sleep(0.7)
            fault()
            return [future.result() for future in paying]

    def status(self, intent: str) -> str:
        address = f"{self.house.address}/api/v1/payment-intents/{intent}"
        return str(httpx.get(address, headers=self.headers, timeout=30).json()["status"])

    def all_paid(self, intents: list[str]) -> bool:
        return all(self.status(intent) == "succeeded" for intent in intents)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    # Durable: a database that may forget what it committed says nothing about us.
    with Shop(tmp_path_factory.mktemp("house"), customers=20, quick=False) as shop:
        yield shop


@pytest.fixture(scope="module")
def customers(shop: Shop) -> Customers:
    return Customers(shop)


def wait_until_quiet(house: House) -> dict[str, int]:
    """Wait until nothing is open any more, and return what still is."""
    ends_at = time.monotonic() + QUIET_WITHIN_S
    state: dict[str, int] = {"not asked yet": 1}
    while any(state.values()) and time.monotonic() < ends_at:
        time.sleep(1)
        state = check(house, "--forward")["open"]
    return state


def assert_whole(customers: Customers, intents: list[str]) -> None:
    still_open = wait_until_quiet(customers.house)
    assert not any(still_open.values()), still_open
    assert customers.all_paid(intents)
    assert check(customers.house, "--verify")["findings"] == []


def restart_worker(house: House) -> None:
    """End the worker as a power cut would, and start another."""
    house.kill("worker")
    house.start_worker()


def test_a_killed_worker_loses_nothing(customers: Customers) -> None:
    intents = customers.pay_meanwhile(lambda: restart_worker(customers.house))

    assert_whole(customers, intents)


def test_an_emptied_redis_loses_nothing(shop: Shop, customers: Customers) -> None:
    intents = customers.pay_meanwhile(shop.forget_redis)

    assert_whole(customers, intents)


def test_a_database_that_stops_at_once_and_comes_back_loses_nothing(customers: Customers) -> None:
    intents = customers.pay_meanwhile(customers.house.crash_database)

    assert_whole(customers, intents)
