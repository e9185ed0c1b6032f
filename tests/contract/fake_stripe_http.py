"""The wire of the small Stripe: reads forms, answers JSON, and breaks when it is told to."""

from __future__ import annotations

import json
import socket
import struct
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from tests.contract.forms import unflattened

if TYPE_CHECKING:
    from threading import Lock

    from tests.contract.fake_stripe_objects import Object

API_KEY = "sk_test_fake"


@dataclass
class Seen:
    """One request as it came by the wire."""

    method: str
    path: str
    data: Object
    key: str


class Answering(Protocol):
    """What stands behind the wire."""

    lock: Lock
    requests: list[Seen]

    def takes_fault(self, seen: Seen) -> str: ...

    def answer(self, seen: Seen) -> tuple[int, Object]: ...


def handler_for(fake: Answering) -> type[BaseHTTPRequestHandler]:
    return type("Handler", (FakeStripeHandler,), {"fake": fake})


class FakeStripeHandler(BaseHTTPRequestHandler):
    """One connection to the fake: reads a request, answers it or misbehaves."""

    fake: Answering
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._respond(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._respond(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the test speaks."""

    def _respond(self, form: str) -> None:
        data = unflattened(parse_qsl(form, keep_blank_values=True))
        key = self.headers.get("idempotency-key", "")
        seen = Seen(self.command, urlsplit(self.path).path, data, key)
        with self.fake.lock:
            self.fake.requests.append(seen)
            fault = self.fake.takes_fault(seen)
            is_refused = self.headers.get("authorization") != f"Bearer {API_KEY}"
            if is_refused or fault in {"reset_before", "rate_limit"}:
                status, body = 401, {"error": {"message": "Invalid API Key"}}
            else:
                status, body = self.fake.answer(seen)
        if fault:
            self._misbehave(fault)
        else:
            self._send(status, json.dumps(body))

    def _misbehave(self, fault: str) -> None:
        if fault == "rate_limit":
            self._send(429, json.dumps({"error": {"message": "Slow down."}}))
        elif fault == "garbled":
            self._send(200, "<html>oops")
        else:
            if fault == "hang":
                time.sleep(1.5)
            self._reset()

    def _reset(self) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _send(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
