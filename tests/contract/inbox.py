"""Listens where webhooks are delivered, and keeps what comes."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST_WAIT_S = 10


class Inbox:
    """A receiver on this machine. `status` is what it answers to each delivery."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, dict[str, str]]] = []
        self.status = 204
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/webhooks"

    def wait_for(self, part: bytes) -> tuple[bytes, dict[str, str]]:
        """Return the first delivery whose body holds this, however long ago it came."""
        ends_at = time.monotonic() + LONGEST_WAIT_S
        while time.monotonic() < ends_at:
            for body, headers in list(self.received):
                if part in body:
                    return body, headers
            time.sleep(0.02)
        raise AssertionError(f"no delivery about {part!r}")

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                inbox.received.append((body, headers))
                self.send_response(inbox.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the test speaks."""

        return Handler
