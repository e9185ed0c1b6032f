"""5 000 payments through the real processes with every fault of the sandbox switched on.

Customers come by the API and the pay page, pay at the provider's own pages, give up, are
refunded; meanwhile the provider loses answers, falls silent, repeats and reorders its
webhooks. Then the faults end, what is late is brought forward, and every euro is compared:
the provider's own list of effects, our captures, `verify_money` and `verify_seals`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

from config.embedded.house import ROOT, House, free_port

MOST_SECONDS = 540
AT_ONCE = 12
HEAL_SECONDS = 150
FAULTS = {
    "delay": 0.02,
    "error_before": 0.02,
    "error_after": 0.02,
    "unavailable": 0.02,
    "black_hole": 0.002,
    "black_hole_before": 0.002,
    "reset": 0.015,
    "reset_before": 0.015,
    "garbled": 0.01,
    "slow_read": 0.01,
    "webhook_duplicate": 0.2,
    "webhook_reorder": 0.1,
    "webhook_drop": 0.2,
    "webhook_delay": 0.1,
    "webhook_bad_signature": 0.03,
    "webhook_stale": 0.05,
}
GOOD, DECLINED, THREE_DS = "4242424242424242", "4000000000000002", "4000002500003155"
PAGE = re.compile(r"url=(\S+)")


class Soak:
    """The customers, and what came of them."""

    def __init__(self, house: House, key: str, *, count: int, seed: int) -> None:
        self.house = house
        self.key = key
        self.left = count
        self.rng = random.Random(seed)
        self.outcomes: dict[str, int] = {}
        self.deadline = time.monotonic() + MOST_SECONDS
        limits = httpx.Limits(max_connections=64)
        self.web = httpx.AsyncClient(base_url=house.address, timeout=40, limits=limits)
        self.bank = httpx.AsyncClient(timeout=40, limits=limits)

    async def run(self, customers: list[str]) -> None:
        """Let customers come until enough have paid or the time is over."""
        self.customers = customers
        await asyncio.gather(*(self._come() for _ in range(AT_ONCE)))
        await self.web.aclose()
        await self.bank.aclose()

    async def _come(self) -> None:
        while self.left > 0 and time.monotonic() < self.deadline:
            self.left -= 1
            try:
                outcome = await self._one()
            except httpx.HTTPError as error:
                outcome = type(error).__name__
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    async def _one(self) -> str:
        intent = await self._post(
            "payment-intents",
            customer=self.rng.choice(self.customers),
            amount=self.rng.randrange(100, 20_000),
            currency="EUR",
            allow_surplus=True,
        )
        session = await self._post("checkout-sessions", payment_intent=intent["id"])
        page = await self._choose(session["url"])
        if page is None:
            return "no page"
        return await self._pay(page, intent["id"])

    async def _post(self, path: str, **body: Any) -> dict[str, Any]:
        """Ask the API as a careful client does: the same key again until there is an answer."""
        key = uuid.uuid4().hex
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": key}
        for wait in (0.2, 1, 3):
            answer = await self.web.post(f"/api/v1/{path}", json=body, headers=headers)
            if answer.status_code < 500 and answer.status_code != 409:
                answer.raise_for_status()
                made: dict[str, Any] = answer.json()
                return made
            await asyncio.sleep(wait)
        answer.raise_for_status()
        raise httpx.HTTPError("no answer")

    async def _choose(self, address: str) -> str | None:
        """Choose a method on the pay page, and return the provider's page."""
        path = httpx.URL(address).path
        if self.rng.random() < 0.3:
            (await self.web.get(path)).raise_for_status()
        form = {"method": self.rng.choice(["card", "mobilepay"])}
        for _ in range(3):
            await self.web.post(f"{path}method/", data=form)
            onward = await self.web.get(f"{path}onward/")
            if found := PAGE.search(onward.headers.get("refresh", "")):
                return found[1]
        return None

    async def _pay(self, page: str, intent: str) -> str:
        chance = self.rng.random()
        if chance < 0.08:
            return "gave up"
        if chance < 0.15:
            await self._at_bank(page, DECLINED)
        await self._at_bank(page, THREE_DS if chance > 0.9 else GOOD)
        if chance > 0.8:
            return await self._refund(intent)
        return "paid"

    async def _at_bank(self, page: str, card: str) -> None:
        """Follow the provider's hosted page as a customer does."""
        shown = await self.bank.get(page)
        if "/approval" in shown.text:
            await self.bank.post(f"{page}/approval", data={"answer": "yes"})
            return
        answer = await self.bank.post(page, data={"card": card})
        if "/pay/" in answer.headers.get("location", "") and card == THREE_DS:
            await self.bank.post(f"{page}/challenge", data={"answer": "yes"})

    async def _refund(self, intent: str) -> str:
        for _ in range(10):
            await asyncio.sleep(1)
            headers = {"Authorization": f"Bearer {self.key}"}
            shown = await self.web.get(f"/api/v1/payment-intents/{intent}", headers=headers)
            if shown.json()["status"] == "succeeded":
                part = self.rng.randrange(1, shown.json()["captured"]["amount"] + 1)
                body = {"payment_intent": intent, "amount": part, "reason": "soak"}
                try:
                    await self._post("refunds", **body)
                except httpx.HTTPStatusError as refusal:
                    return f"refund refused {refusal.response.json().get('code')}"
                return "refunded"
        return "paid, not seen yet"


def check(house: House, *arguments: str) -> dict[str, Any]:
    """Ask the database, in a process of its own, and return its answer."""
    answer = subprocess.run(
        [sys.executable, "-m", "bench.soak_checks", house.sandbox_address, *arguments],
        check=True,
        cwd=ROOT,
        env=house.environment,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def heal(house: House) -> dict[str, Any]:
    """End the faults and wait until nothing is open any more; what is late is brought forward."""
    httpx.delete(f"{house.sandbox_address}/_faults").raise_for_status()
    ends_at = time.monotonic() + HEAL_SECONDS
    state = check(house, "--forward")
    while any(state["open"].values()) and time.monotonic() < ends_at:
        time.sleep(5)
        state = check(house, "--forward")
    return state


def prepare(house: House) -> str:
    """Start everything, seed customers, and return the API key."""
    house.environment |= {"KUITTI_DEMO": "1"}
    house.start_servers()
    house.start_sandbox()
    house.manage("migrate", "--database", "owner", "--verbosity", "0")
    house.start_programs()
    told = subprocess.run(
        [sys.executable, "manage.py", "seed_demo", "--customers", "200"],
        check=True,
        cwd=ROOT,
        env=house.environment,
        capture_output=True,
        text=True,
    ).stdout
    house.wait_until_ready()
    return told.split("API key: ")[1].split()[0]


def main() -> None:
    """Run the soak and end with `soak: N payments, M short`; exit 1 where anything is short."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    print(f"soak: seed {options.seed}")
    with tempfile.TemporaryDirectory(prefix="kuitti-soak-") as home:
        house = House(Path(home), free_port(8700), quick=True)
        try:
            short = run(house, options.payments, options.seed)
        finally:
            house.stop()
    sys.exit(1 if short else 0)


def run(house: House, count: int, seed: int) -> int:
    """Run one soak in a house, print what came of it, and return how much is short."""
    key = prepare(house)
    customers = check(house, "--customers")["customers"]
    httpx.post(f"{house.sandbox_address}/_faults", json={"rates": FAULTS, "delay_s": 0.5})
    soak = Soak(house, key, count=count, seed=seed)
    started = time.monotonic()
    asyncio.run(soak.run(customers))
    print(f"outcomes in {time.monotonic() - started:.0f} s: {dict(sorted(soak.outcomes.items()))}")
    state = heal(house)
    print(f"still open: {state['open']}")
    findings = check(house, "--verify")["findings"]
    for finding in findings:
        print(finding)
    missing = max(0, count - sum(soak.outcomes.values()))
    short: int = len(findings) + sum(state["open"].values()) + missing
    print(f"soak: {sum(soak.outcomes.values())} payments, {short} short")
    return short


if __name__ == "__main__":
    main()
