"""The sandbox as a process, and the plainest way to ask it for something."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.inbox import Inbox
from tests.sandbox.server import API_KEY, sandbox, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.sandbox.server import SandboxServer

__all__ = ["sandbox", "sandbox_process"]

_numbers = count(1)


class Merchant:
    """A merchant that speaks the API plainly, without our adapter."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server

    def post(
        self, path: str, data: dict[str, Any], *, key: str = "", **options: Any
    ) -> httpx.Response:
        headers = {
            "authorization": f"Bearer {API_KEY}",
            "idempotency-key": key or f"key-{next(_numbers)}",
        }
        return self.server.http.post(f"/v1{path}", json=data, headers=headers, **options)

    def get(self, path: str, **query: str) -> httpx.Response:
        headers = {"authorization": f"Bearer {API_KEY}"}
        return self.server.http.get(f"/v1{path}", params=query, headers=headers)

    def checkout(self, **changes: Any) -> dict[str, Any]:
        """Open a page to pay 50.00 EUR on, for an attempt of its own."""
        values = {
            "our_id": f"pat_{next(_numbers)}",
            "amount": 5_000,
            "currency": "EUR",
            "language": "en",
            "return_url": "https://shop.example/return",
            "cancel_url": "https://shop.example/cancel",
        }
        answer = self.post("/checkouts", values | changes)
        assert answer.status_code == 201, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    def paid(self, **changes: Any) -> dict[str, Any]:
        card = changes.pop("card", "4242424242424242")
        opened = self.checkout(**changes)
        self.server.pay(opened["page_url"], card=card)
        return self.payment(opened)

    def payment(self, known: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/payments/{known['id']}").json()
        return found


@pytest.fixture
def merchant(sandbox: SandboxServer) -> Merchant:
    return Merchant(sandbox)


@pytest.fixture
def inbox(sandbox: SandboxServer) -> Iterator[Inbox]:
    """Where the sandbox's webhooks go during the test."""
    receiver = Inbox()
    sandbox.listen_at(receiver.url)
    yield receiver
    sandbox.listen_at("")
    receiver.stop()
