"""Lets a fault cut the connection a request came by, which ASGI itself has no word for."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.requests import Request

_open: dict[tuple[str, int], asyncio.Transport] = {}

NO_LINGER = struct.pack("ii", 1, 0)


class TrackedProtocol(H11Protocol):
    """uvicorn's own protocol, which also remembers the transport of each client."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.peer = transport.get_extra_info("peername")
        _open[self.peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        _open.pop(self.peer, None)
        super().connection_lost(exc)


def reset(request: Request) -> None:
    """Reset the request's connection: its sender sees ECONNRESET, not a clean end."""
    transport = _open.get(tuple(request.scope["client"]))
    if transport is None:
        return
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    transport.abort()


async def never_answer(request: Request) -> None:
    """Hold the request until its sender gives up, or two minutes have passed."""
    try:
        async with asyncio.timeout(120):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        reset(request)
