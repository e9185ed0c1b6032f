"""A running Kuitti with demo data, spoken to from outside: by its API, its pages, its provider."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
import uuid
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest
import redis

from config.embedded.house import ROOT, House, free_port
from config.embedded.postgres import DATABASE
from core.demo import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, StorageState

# Of the environment only this is passed on: the shop has servers and keys of its own.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONDONTWRITEBYTECODE")
MERCHANT = {
    "MERCHANT_IBAN": "FI2112345600000785",
    "MERCHANT_NAME": "Pohjolan Kuitu Oy",
    "MERCHANT_BUSINESS_ID": "1234567-1",
    "MERCHANT_ADDRESS": "Kuitukatu 1,00100 Helsinki",
}
FIRST_PORT = 18_400
PATIENCE_S = 20.0
TOURS_TAKEN = """
from core.models import User
from crm.services import tours
for user in User.objects.all(): tours.mark_taken(user)
"""


def environment_passed_on() -> dict[str, str]:
    """What programs with servers of their own may know of our environment."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}


class Shop:
    """Every process that Kuitti has in use, under one folder. Ends with `close`.

    `quick` gives up durability: what was committed may be gone after a crash of the database.
    """

    def __init__(
        self, home: Path, *, customers: int = 200, quick: bool = True, port: int = FIRST_PORT
    ) -> None:
        with pytest.MonkeyPatch.context() as patch:
            for name in os.environ.keys() - environment_passed_on().keys():
                patch.delenv(name)
            self.house = House(home, free_port(port), quick=quick)
            self.house.environment |= {"KUITTI_DEMO": "1", "SERVER_TIMING": "1", **MERCHANT}
            self.house.start_servers()
        self.token = self._start(customers)
        self.signed_in: dict[str, StorageState] = {}
        self._addresses = itertools.count(1)
        self.api = httpx.Client(
            base_url=f"{self.house.address}/api/v1/",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=PATIENCE_S,
        )
        self.web = httpx.Client(timeout=PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.api.close()
        self.web.close()
        self.house.stop()

    def _start(self, customers: int) -> str:
        """Start, seed, and return the token of the API."""
        self.house.start_sandbox()
        self.house.migrate()
        self.house.start_programs()
        self.house.wait_for_sandbox()
        told = self.manage("seed_demo", "--skip-checks", "--customers", str(customers))
        # Nobody is new here: who wants the tour asks for it.
        self.manage("shell", "--verbosity", "0", "--command", TOURS_TAKEN)
        self.house.wait_until_ready(180)
        return told.split("API key: ")[1].split()[0]

    # By the API

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Make something. Raises HTTPStatusError when it is refused."""
        answer = self.api.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})
        answer.raise_for_status()
        made: dict[str, Any] = answer.json()
        return made

    def get(self, path: str) -> dict[str, Any]:
        answer = self.api.get(path)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def rows(self, path: str, **filters: str) -> list[dict[str, Any]]:
        """Everything of one kind that fits, up to a page."""
        answer = self.api.get(path, params={**filters, "limit": "200"})
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["results"]
        return found

    # By the sandbox

    def messages(self, to: str) -> list[dict[str, Any]]:
        """What the outbox holds for a number or an address, the newest first."""
        answer = self.web.get(f"{self.house.sandbox_address}/outbox.json", params={"to": to})
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def fail_next(self, operation: str, fault: str, times: int = 1) -> None:
        """Let the provider go wrong with its next request of a kind."""
        plan = {"next": [{"operation": operation, "fault": fault, "times": times}]}
        self.web.post(f"{self.house.sandbox_address}/_faults", json=plan).raise_for_status()

    def fail_often(self, **rates: float) -> None:
        """Let requests go wrong at a rate, until `heal`: `read__reset=1`."""
        plan = {"rates": {name.replace("__", "."): rate for name, rate in rates.items()}}
        self.web.post(f"{self.house.sandbox_address}/_faults", json=plan).raise_for_status()

    def heal(self) -> None:
        self.web.delete(f"{self.house.sandbox_address}/_faults").raise_for_status()

    # From within

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        ran = subprocess.run(
            command, check=True, cwd=ROOT, env=self.house.environment, stdout=subprocess.PIPE
        )
        return ran.stdout.decode()

    def sql(self, statement: str, *values: Any) -> None:
        """Bring about what only time does, as the owner of the database."""
        assert self.house._postgres is not None
        with self.house._postgres.connect("kuitti_owner", DATABASE) as connection:
            connection.execute(statement.encode(), values)

    def forget_redis(self) -> None:
        """Lose everything that Redis holds."""
        client = redis.Redis.from_url(self.house.environment["REDIS_URL"])
        client.flushall()
        client.close()

    # By its pages

    def from_elsewhere(self) -> dict[str, str]:
        """Headers of somebody at an address of their own: many declines from one rest it."""
        number = next(self._addresses)
        return {"X-Forwarded-For": f"10.20.{number >> 8}.{number & 255}"}

    def state_of(self, browser: Browser, username: str) -> StorageState:
        """The cookies of somebody who signed in through the page, once in a run."""
        if username not in self.signed_in:
            with browser.new_context(base_url=self.house.address) as context:
                page = context.new_page()
                page.goto("/accounts/login/")
                page.locator("#id_login").fill(username)
                page.locator("#id_password").fill(PASSWORD)
                page.locator("main form button[type=submit]").first.click()
                page.wait_for_url(f"{self.house.address}/")
                self.signed_in[username] = context.storage_state()
        return self.signed_in[username]


def wait_for[T](read: Callable[[], T], seconds: float = PATIENCE_S) -> T:
    """Ask until the answer is true, and return it. Fails when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (found := read()):
        assert time.monotonic() < deadline, f"still {found!r} after {seconds:.0f} s"
        time.sleep(0.1)
    return found
