"""A small Twilio: payments on calls, as its published description shapes them."""

from __future__ import annotations

import base64
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qsl

from crm.telephony.twilio import signature

ACCOUNT = "AC" + "0" * 32
TOKEN = "the auth token"
CALL = "CA" + "1" * 32
PLACE = re.compile(
    rf"/2010-04-01/Accounts/{ACCOUNT}/Calls/(CA[0-9a-f]{{32}})(?:/Payments(?:/(PK[0-9a-f]{{32}}))?)?\.json"
)
CAPTURES = {"payment-card-number", "expiration-date", "security-code", "postal-code"}
STARTS = {"IdempotencyKey", "StatusCallback"}


class FakeTwilio:
    """Remembers every request; refuses what Twilio refuses; honours an idempotency key."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.sessions: dict[str, str] = {}
        self.by_key: dict[str, str] = {}
        self.call_status = "in-progress"
        self.fault = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
                self.answer(*outer.take("POST", self.path, form, self.headers["Authorization"]))

            def do_GET(self) -> None:
                self.answer(*outer.take("GET", self.path, {}, self.headers["Authorization"]))

            def answer(self, status: int, body: dict[str, Any]) -> None:
                if status == 0:
                    self.connection.close()
                    return
                data = b"<html>" if status == 1 else json.dumps(body).encode()
                self.send_response(200 if status == 1 else status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, daemon=True)

    @property
    def credentials(self) -> dict[str, str]:
        return {
            "account_sid": ACCOUNT,
            "auth_token": TOKEN,
            "connector": "Stripe_Test",
            "api_base": f"http://127.0.0.1:{self._server.server_port}",
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def take(
        self, method: str, path: str, form: dict[str, str], authorization: str
    ) -> tuple[int, dict[str, Any]]:
        self.requests.append((method, path, form))
        fault, self.fault = self.fault, ""
        if fault == "limit":
            return 429, {"code": 20429}
        allowed = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        found = PLACE.fullmatch(path)
        if authorization != f"Basic {allowed}":
            return 401, {"code": 20003}
        if found is None or found[1] != CALL:
            return 404, {"code": 20404}
        if method == "GET":
            return 200, {"sid": CALL, "status": self.call_status}
        status, body = self._post(found[2], form)
        return {"reset": 0, "garbled": 1, "error": 500}.get(fault, status), body

    def _post(self, session: str | None, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if set(form) < STARTS or not form["StatusCallback"].startswith("http"):
            return 400, {"code": 20001}
        if form["IdempotencyKey"] in self.by_key:
            return 201, {"sid": self.by_key[form["IdempotencyKey"]]}
        if self.call_status != "in-progress":
            return 400, {"code": 21220}
        if session is None:
            session = f"PK{len(self.sessions):032x}"
            self.sessions[session] = "listening"
        elif self.sessions.get(session) != "listening":
            return 404, {"code": 20404}
        elif form.get("Status") in {"complete", "cancel"}:
            self.sessions[session] = form["Status"]
        elif form.get("Capture") not in CAPTURES:
            return 400, {"code": 20001}
        self.by_key[form["IdempotencyKey"]] = session
        return 201, {"sid": session, "call_sid": CALL, "account_sid": ACCOUNT}


def signed(url: str, said: dict[str, str], token: str = TOKEN) -> dict[str, str]:
    """The headers that Twilio would send a form with."""
    return {"x-twilio-signature": signature(url, list(said.items()), token)}
