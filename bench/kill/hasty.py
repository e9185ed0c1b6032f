"""The mistake that the kill lane must find: deliveries are answered before they are kept.

Served in the place of `config.asgi` by `python -m bench.kill --hasty`, and by nothing else.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from config.asgi import application as careful

if TYPE_CHECKING:
    from config.serving import Message, Receive, Scope, Send

PAUSE_S = 15.0
"""Longer than ever passes between two deliveries, so that whenever web is killed some are lost."""


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Say 200 to every delivery at once; keep it some time later, if this process still lives."""
    if scope["type"] != "http" or not scope["path"].startswith("/webhooks/"):
        await careful(scope, receive, send)
        return
    body = await _body(receive)
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})
    await asyncio.sleep(PAUSE_S)

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    await careful(scope, again, _unheard)


async def _body(receive: Receive) -> bytes:
    body, has_more = b"", True
    while has_more:
        message: dict[str, Any] = dict(await receive())
        body += message.get("body", b"")
        has_more = message.get("more_body", False)
    return body


async def _unheard(_: Message) -> None:
    """Drop what the careful application answers: the provider has its answer."""
