from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crm import gateways
from crm.services import messages
from crm.services.messages import Rendered
from tests.crm.gateway_server import GatewayServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from crm.models import OutgoingMessage


def greet(message: OutgoingMessage) -> Rendered:
    return Rendered(subject="Hello", text=f"Hello from {message.public_id}", html="<p>Hello</p>")


@pytest.fixture
def gateway(settings: Settings) -> Iterator[GatewayServer]:
    """A gateway that the settings name, and a kind of message that it can be sent."""
    server = GatewayServer().start()
    settings.MESSAGE_GATEWAY_URL = server.url
    settings.MESSAGE_GATEWAY_CHANNELS = ["sms"]
    messages.register("greeting", greet)
    yield server
    server.stop()
    gateways._client().close()
    gateways._make_client.cache_clear()
