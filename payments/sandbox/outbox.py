"""The demo's message gateway: takes e-mails and SMS, sends none, and shows them all."""

from __future__ import annotations

import json
import re
import time
from html import escape
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from payments.sandbox.ledger import Refused
from payments.sandbox.rendering import Html, joined, page, render

if TYPE_CHECKING:
    from sqlite3 import Row

    from starlette.requests import Request

    from payments.sandbox.exchange import Exchange
    from payments.sandbox.store import Store

ROWS = 100
FIELDS = ("id", "channel", "to", "subject", "text", "html")
CHANNELS = {"sms", "email"}
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
UNREACHABLE = "000"
LETTER_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


class Outbox:
    """A number or address that ends in 000 cannot be reached; its message has failed."""

    def __init__(self, store: Store, exchange: Exchange) -> None:
        self.store = store
        self.exchange = exchange

    def routes(self) -> list[Route]:
        return [
            Route("/gateway/messages", self.send, methods=["POST"]),
            Route("/outbox", self.show, methods=["GET"]),
            Route("/outbox.json", self.list_messages, methods=["GET"]),
            Route("/outbox/{seq:int}", self.show_letter, methods=["GET"]),
        ]

    async def send(self, request: Request) -> Response:
        return await self.exchange.carry_out(request, "message", self._keep)

    async def show(self, request: Request) -> Response:
        body = render("outbox", messages=joined(message_card(row) for row in self._latest()))
        return page("Outbox", body)

    async def list_messages(self, request: Request) -> Response:
        """List the messages, newest first; `to` keeps those to one destination."""
        wanted = request.query_params.get("to", "")
        messages = [
            {**json.loads(row["body"]), "created_at": row["created_at"]} for row in self._latest()
        ]
        return JSONResponse({"messages": [one for one in messages if wanted in {"", one["to"]}]})

    async def show_letter(self, request: Request) -> Response:
        """Show an e-mail's own HTML, in a page that can run and load nothing."""
        row = self.store.row("SELECT * FROM message WHERE seq = ?", request.path_params["seq"])
        if row is None:
            raise Refused("not_found", "There is no such message.", 404)
        html = json.loads(row["body"])["html"]
        return HTMLResponse(html, headers={"content-security-policy": LETTER_POLICY})

    def _keep(self, data: dict[str, Any]) -> dict[str, Any]:
        message = {name: str(data.get(name) or "") for name in FIELDS}
        if message["channel"] not in CHANNELS or not message["to"] or not message["id"]:
            raise Refused("message_invalid", "A message needs id, channel and to.", 422)
        user = message["to"].partition("@")[0]
        message["status"] = "failed" if user.endswith(UNREACHABLE) else "delivered"
        self.store.run(
            "INSERT INTO message (id, body, created_at) VALUES (?, ?, ?)",
            message["id"],
            json.dumps(message),
            time.time(),
        )
        return {"id": message["id"], "status": message["status"]}

    def _latest(self) -> list[Row]:
        return self.store.rows("SELECT * FROM message ORDER BY seq DESC LIMIT ?", ROWS)


def message_card(row: Row) -> Html:
    message = json.loads(row["body"])
    letter = render("letter_link", seq=str(row["seq"])) if message["html"] else Html()
    return render(
        "message",
        channel=message["channel"],
        to=message["to"],
        subject=message["subject"] or message["channel"].upper(),
        status=message["status"],
        sent_at=time.strftime("%H:%M:%S", time.localtime(row["created_at"])),
        text=with_links(message["text"]),
        letter=letter,
    )


def with_links(text: str) -> Html:
    """Escape a text and make its addresses clickable."""
    parts: list[str] = []
    end = 0
    for match in LINK.finditer(text):
        parts.append(escape(text[end : match.start()]))
        parts.append(render("text_link", url=match.group()))
        end = match.end()
    parts.append(escape(text[end:]))
    return Html("".join(parts))
