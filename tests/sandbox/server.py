"""The sandbox as a process of its own, with a grip on it for tests."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "sandbox-api-key"
WEBHOOK_SECRET = "sandbox-webhook-secret"
GOOD_CARD = "4242424242424242"
START_S = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class SandboxServer:
    """Starts `python -m payments.sandbox` on a free port and speaks to it by HTTP only."""

    def __init__(self, *, state: str = ":memory:", webhook_url: str = "", port: int = 0) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.state = state
        self.webhook_url = webhook_url
        self.http = httpx.Client(base_url=self.url, timeout=20, trust_env=False)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def credentials(self) -> dict[str, str]:
        """What a provider account needs to reach this sandbox."""
        return {"base_url": self.url, "api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET}

    def start(self) -> Self:
        command = [sys.executable, "-m", "payments.sandbox", "--port", str(self.port)]
        command += ["--state", self.state, "--webhook-url", self.webhook_url]
        command += ["--later-seconds", "0.3"]
        self._process = subprocess.Popen(command, cwd=ROOT)
        ends_at = time.monotonic() + START_S
        while time.monotonic() < ends_at:
            try:
                if self.http.get("/healthz").is_success:
                    return self
            except httpx.TransportError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def close(self) -> None:
        self.stop()
        self.http.close()

    def kill(self) -> None:
        """End the process as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def faults(self, *, delay_s: float | None = None, **rates: float) -> None:
        """Let requests go wrong at these rates (0-1): `faults(error_after=0.1)`.

        Two underscores name an operation: `faults(refund__reset=1)`.
        """
        named = {name.replace("__", "."): rate for name, rate in rates.items()}
        data: dict[str, Any] = {"rates": named}
        if delay_s is not None:
            data["delay_s"] = delay_s
        self._post("/_faults", data)

    def next_fault(self, fault: str, operation: str = "", times: int = 1) -> None:
        """Let the next request of the operation (any, where empty) go wrong this way."""
        self._post("/_faults", {"next": [{"fault": fault, "operation": operation, "times": times}]})

    def clear_faults(self) -> None:
        self.http.delete("/_faults").raise_for_status()

    def listen_at(self, url: str) -> None:
        """Deliver webhooks to this address from now on; an empty one stops them."""
        self._post("/_webhook", {"url": url})

    def effects(self, our_id: str = "", kind: str = "") -> list[dict[str, Any]]:
        """Return what really happened: authorisation, capture, cancellation, refund, dispute.

        `our_id` keeps what happened to that attempt or to that subject.
        """
        effects: list[dict[str, Any]] = self.http.get("/_effects").json()["effects"]
        return [
            one
            for one in effects
            if our_id in {"", one["our_id"], one["attempt_id"]} and kind in {"", one["kind"]}
        ]

    def deliveries(self, payment_id: str = "") -> list[dict[str, Any]]:
        """Return the webhooks of a payment, oldest first: `body` and a fresh `signature`."""
        answer = self.http.get("/_deliveries", params={"payment": payment_id}).json()
        found: list[dict[str, Any]] = answer["deliveries"]
        return found

    def payment(self, our_id: str) -> dict[str, Any]:
        """Return the first payment of an attempt, as the provider's API shows it."""
        found: dict[str, Any] = self.payments(our_id)[0]
        return found

    def payments(self, our_id: str) -> list[dict[str, Any]]:
        answer = self.http.get(
            "/v1/payments",
            params={"our_id": our_id},
            headers={"authorization": f"Bearer {API_KEY}"},
        )
        found: list[dict[str, Any]] = answer.raise_for_status().json()["data"]
        return found

    def pay(self, page_url: str, *, card: str = GOOD_CARD, approve: bool = True) -> str:
        """Follow a hosted page to its end, as a customer without JavaScript does.

        Returns the address the customer is led to: the shop's, or the page again.
        """
        shown = self.http.get(page_url)
        shown.raise_for_status()
        path = urlsplit(page_url).path
        if "/approval" in shown.text:
            return self._submit(f"{path}/approval", answer="yes" if approve else "no")
        target = self._submit(path, card=card)
        if target.startswith("/pay/") and "/challenge" in self.http.get(target).text:
            target = self._submit(f"{path}/challenge", answer="yes" if approve else "no")
        return target

    def keypad_of(self, our_id: str) -> str:
        """Return the keypad of the phone on which an attempt's card is keyed."""
        answer = self.http.get("/_keypads", params={"our_id": our_id}).raise_for_status()
        return str(answer.json()["keypad"])

    def at_terminal(self, reader: str, **act: str) -> None:
        """Touch a card terminal: `card=…`, `pin="yes"`, `cancel="yes"`, `switch="yes"`."""
        self._submit(f"/terminal/{reader}", **act)

    def outbox(self, to: str = "") -> list[dict[str, Any]]:
        """Return the messages handed to the gateway, newest first."""
        answer = self.http.get("/outbox.json", params={"to": to}).raise_for_status().json()
        messages: list[dict[str, Any]] = answer["messages"]
        return messages

    def dashboard_refund(self, payment_id: str, amount: int) -> None:
        """Refund in the provider's own back office, behind our back."""
        self._submit(f"/dashboard/payments/{payment_id}/refund", amount=str(amount))

    def open_dispute(self, payment_id: str) -> None:
        self._submit(f"/dashboard/payments/{payment_id}/dispute")

    def close_dispute(self, payment_id: str, dispute_id: str, *, is_won: bool) -> None:
        action = "win" if is_won else "lose"
        self._submit(f"/dashboard/payments/{payment_id}/{action}", dispute=dispute_id)

    def _submit(self, path: str, **fields: str) -> str:
        answer = self.http.post(path, data=fields)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def _post(self, path: str, data: dict[str, Any]) -> None:
        self.http.post(path, json=data).raise_for_status()


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxServer]:
    """One sandbox for the whole run."""
    server = SandboxServer().start()
    yield server
    server.close()


@pytest.fixture
def sandbox(sandbox_process: SandboxServer) -> Iterator[SandboxServer]:
    """The run's sandbox, without faults and without a webhook address."""
    sandbox_process.clear_faults()
    yield sandbox_process
    sandbox_process.clear_faults()
    sandbox_process.listen_at("")
