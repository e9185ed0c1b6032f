"""Customers who come by the API, pay at the provider's pages, or give up."""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import time
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.wire import Wire, WireError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bench.wire import Answer
    from config.embedded.house import House

GOOD, DECLINED, THREE_DS = "4242424242424242", "4000000000000002", "4000002500003155"
WAITS = (0.2, 0.5, 1, 2, *itertools.repeat(3, 100))
PAGE = re.compile(r"url=(\S+)")
CLIENT_ERROR, CONFLICT, SERVER_ERROR = 400, 409, 500


class Refused(WireError):
    """The API refused; the message is its code."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How many come at once, how long they think before each payment, and insist on an answer."""

    at_once: int = 32
    thinking_s: float = 0
    patience_s: float = 5


USUAL = Habits()


class Customers:
    """Everybody who comes, and what came of them.

    Nobody comes while `may_come` says no. `promised` holds the ids of what the API said it
    made; `unanswered` counts requests for which nobody knows whether they were carried out.
    """

    PAID = ("paid", "refunded", "paid, not seen yet")

    def __init__(
        self, house: House, key: str, *, seconds: float, seed: int, habits: Habits = USUAL
    ) -> None:
        self.web = Wire(house.port)
        self.bank = Wire(house.sandbox_port)
        self.key = key
        self.seconds = seconds
        self.habits = habits
        self.may_come: Callable[[], bool] = lambda: True
        self.random = random.Random(seed)
        self.outcomes: Counter[str] = Counter()
        self.promised: defaultdict[str, set[str]] = defaultdict(set)
        self.unanswered: Counter[str] = Counter()
        self._count = self._left = 0
        self._numbers = itertools.count(1)

    async def pay(self, known: list[str], count: int) -> None:
        """Let customers come until so many have tried, or the time is over."""
        self.known = known
        self._count = self._left = count
        self._ends_at = time.monotonic() + self.seconds
        await asyncio.gather(*(self._come() for _ in range(self.habits.at_once)))
        self.web.close()
        self.bank.close()

    @property
    def came(self) -> int:
        """How many have begun to pay."""
        return self._count - self._left

    async def _come(self) -> None:
        while self._left > 0 and time.monotonic() < self._ends_at:
            if not self.may_come():
                await asyncio.sleep(0.1)
                continue
            self._left -= 1
            await asyncio.sleep(self.random.random() * 2 * self.habits.thinking_s)
            try:
                outcome = await self._one()
            except Refused as refused:
                outcome = f"refused: {refused}"
            except WireError as error:
                outcome = f"no answer: {type(error.__cause__).__name__}"
            self.outcomes[outcome] += 1

    async def _one(self) -> str:
        intent = await self._post(
            "payment-intents",
            customer=self.random.choice(self.known),
            amount=self.random.randrange(100, 20_000),
            currency="EUR",
            allow_surplus=True,
        )
        session = await self._post("checkout-sessions", payment_intent=intent["id"])
        page = await self._choose(urlsplit(session["url"]).path)
        if not page:
            return "no page"
        return await self._pay(urlsplit(page).path, intent["id"])

    async def _post(self, path: str, **body: Any) -> dict[str, Any]:
        """Ask the API as a careful client does: the same key again until there is an answer."""
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": uuid.uuid4().hex}
        try:
            answer = await self._insist(lambda: self.web.send(f"/api/v1/{path}", body, headers))
        except WireError:
            self.unanswered[path] += 1
            raise
        if answer.status >= SERVER_ERROR or answer.status == CONFLICT:
            self.unanswered[path] += 1
        if answer.status >= CLIENT_ERROR:
            raise Refused(f"{path} {code_of(answer)}")
        made: dict[str, Any] = answer.json()
        self.promised[path].add(made["id"])
        return made

    async def _insist(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Ask again, after ever longer waits, while there is no answer or only a bad one."""
        ends_at = time.monotonic() + self.habits.patience_s
        for wait in WAITS:
            is_last = time.monotonic() + wait > ends_at
            try:
                answer = await ask()
            except WireError:
                if is_last:
                    raise
            else:
                if is_last or (answer.status < SERVER_ERROR and answer.status != CONFLICT):
                    return answer
            await asyncio.sleep(wait)
        raise AssertionError("waits never end")

    async def _choose(self, path: str) -> str:
        """Choose a method on the pay page, and return the provider's page, if it came."""
        number = next(self._numbers)
        # Each from an address of their own: many declines from one would be card testing.
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        headers = {"X-Forwarded-For": address}
        if self.random.random() < 0.3:
            await self._insist(lambda: self.web.get(path, headers))
        form = {"method": self.random.choice(["card", "mobilepay"])}
        for _ in range(3):
            await self._insist(lambda: self.web.submit(f"{path}method/", form, headers))
            onward = await self._insist(lambda: self.web.get(f"{path}onward/", headers))
            if found := PAGE.search(onward.headers.get("refresh", "")):
                return found[1]
            await asyncio.sleep(1)
        return ""

    async def _pay(self, page: str, intent: str) -> str:
        chance = self.random.random()
        if chance < 0.08:
            return "gave up"
        if chance < 0.15:
            await self._at_bank(page, DECLINED)
        await self._at_bank(page, THREE_DS if chance > 0.9 else GOOD)
        return await self._refund(intent) if chance > 0.8 else "paid"

    async def _at_bank(self, page: str, card: str) -> None:
        """Follow the provider's hosted page as a customer does."""
        shown = await self.bank.get(page)
        if "/approval" in shown.text:
            await self.bank.submit(f"{page}/approval", {"answer": "yes"})
            return
        answer = await self.bank.submit(page, {"card": card})
        if "/pay/" in answer.headers.get("location", "") and card == THREE_DS:
            await self.bank.submit(f"{page}/challenge", {"answer": "yes"})

    async def _refund(self, intent: str) -> str:
        address = f"/api/v1/payment-intents/{intent}"
        headers = {"Authorization": f"Bearer {self.key}"}
        for _ in range(10):
            await asyncio.sleep(1)
            shown = (await self._insist(lambda: self.web.get(address, headers))).json()
            if shown["status"] == "succeeded":
                part = self.random.randrange(1, shown["captured"]["amount"] + 1)
                await self._post("refunds", payment_intent=intent, amount=part, reason="crowd")
                return "refunded"
        return "paid, not seen yet"


def code_of(answer: Answer) -> str:
    """The code of a problem, or the status where the body is none."""
    try:
        return str(answer.json()["code"])
    except (KeyError, TypeError, ValueError):
        return str(answer.status)
