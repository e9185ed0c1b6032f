"""A telephone system that takes commands over HTTP and remembers them."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self


class ControlServer:
    """Listens on 127.0.0.1. `status` is what it answers with; it remembers (body, signature)."""

    def __init__(self) -> None:
        self.status = 202
        self.commands: list[tuple[bytes, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.commands.append((body, self.headers["Kuitti-Signature"]))
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/control"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._is_running = False

    def __enter__(self) -> Self:
        self._thread.start()
        self._is_running = True
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Answer nobody from now on."""
        if self._is_running:
            self._is_running = False
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
