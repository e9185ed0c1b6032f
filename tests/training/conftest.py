"""A house to practise in: our own door at a real address, and a sandbox behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payments.services import accounts, checkout, health
from tests.sandbox.server import SandboxServer, sandbox, sandbox_process
from tests.training.floor import Floor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings
    from pytest_django.live_server_helper import LiveServer

__all__ = ["sandbox", "sandbox_process"]


@pytest.fixture
def floor(
    live_server: LiveServer,
    settings: Settings,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Floor]:
    """The floor, with nobody on it. The sandbox’s slips are taken back afterwards."""
    settings.TRAINING_MODE = True
    settings.PUBLIC_URL = live_server.url
    settings.SANDBOX_URL = sandbox.credentials["base_url"]
    settings.SANDBOX_API_KEY = sandbox.credentials["api_key"]
    settings.SANDBOX_WEBHOOK_SECRET = sandbox.credentials["webhook_secret"]
    monkeypatch.setattr(checkout, "LONGEST_WAIT_S", 20)
    accounts.forget()
    health.forget()
    yield Floor(sandbox)
    sandbox.http.delete("/_faults")
