"""A message gateway over real HTTP that counts what it would send, and fails on demand."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class GatewayServer:
    """Honours the Idempotency-Key: `effects` counts messages that would reach somebody.

    `faults` are used up one a request: a status to answer, or "lost" to act and hang up.
    """

    def __init__(self) -> None:
        self.effects: Counter[str] = Counter()
        self.requests: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.faults: list[int | str] = []
        self.status = "sent"
        self.delay = 0.0
        self.honours_key = True
        self.before_answer: Callable[[str], None] | None = None
        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}/messages"

    def start(self) -> GatewayServer:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, key: str, body: dict[str, Any]) -> int | str:
        """Carry out one request and say how it ends."""
        time.sleep(self.delay)
        with self._guard:
            self.requests.append(body)
            fault = self.faults.pop(0) if self.faults else 200
            is_done = isinstance(fault, str) or fault < 400
            if is_done and not (self.honours_key and self.effects[key]):
                self.effects[key] += 1
        if is_done and self.before_answer:
            self.before_answer(key)
        return fault

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                key = self.headers["Idempotency-Key"]
                gateway.tokens.append(self.headers.get("Authorization", ""))
                answer = gateway.take(key, body)
                if answer == "lost":
                    self.close_connection = True
                    return
                content = json.dumps({"id": f"gw-{key}", "status": gateway.status}).encode()
                if answer == "garbled":
                    answer, content = 200, b"<html>"
                self.send_response(int(answer))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        return Handler
