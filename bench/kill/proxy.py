"""A proxy on this machine that misbehaves as networks do: one answer, one draw.

It speaks just enough HTTP/1.1 to tell one exchange from the next, opens a connection of its
own for each, and lets a witness see what really came back, whatever the asker got of it.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

type Witness = Callable[[bytes, int], None]

Fault = Literal[
    "reset_before",  # reset the asker's connection, nothing was passed on
    "reset_after",  # pass on, take the answer, reset the asker's connection
    "hole_before",  # take the request, pass nothing on, never answer
    "hole_after",  # pass on, take the answer, never give it
    "truncate",  # give half of the answer and end
    "slow",  # give the answer in small pieces
]
FAULTS: tuple[str, ...] = get_args(Fault)
HEAD_END = b"\r\n\r\n"
SOON = 0.1
PIECES = 8
PIECE_PAUSE_S = 0.1
NO_LINGER = struct.pack("ii", 1, 0)
BROKEN = (OSError, EOFError, ValueError, asyncio.LimitOverrunError)


class Proxy:
    """Listens on one port of this machine and passes on to another.

    `rates` say how often each fault happens to an exchange, between 0 and 1; what stands in
    `owed` happens soon, and once; `drawn` counts them. Nothing is passed on while it `is_dark`.
    """

    def __init__(self, target: int, *, seed: int, witness: Witness | None = None) -> None:
        self.target = target
        self.port = 0
        self.rates: Mapping[str, float] = {}
        self.owed: list[str] = []
        self.hole_s = 12.0
        self.is_dark = False
        self.drawn: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._witness = witness or (lambda _body, _status: None)
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more, and cut what is open."""
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()

    def cut(self) -> None:
        """Reset every connection there is."""
        for writer in tuple(self._open):
            reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except BROKEN:
            reset(writer)
        finally:
            self._open.discard(writer)
            with suppress(OSError):
                writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Carry one request and its answer. False where the connection is over."""
        head = await reader.readuntil(HEAD_END)
        body = await reader.readexactly(length_of(head))
        fault = "hole_before" if self.is_dark else self._draw()
        if fault == "reset_before":
            reset(writer)
            return False
        if fault == "hole_before":
            return await self._never(reader, writer)
        answer = await self._ask(head + body, body)
        return await self._give(fault, answer, reader, writer)

    def _draw(self) -> str:
        fault = self._choose()
        if fault:
            self.drawn[fault] += 1
        return fault

    def _choose(self) -> str:
        if self.owed and self._random.random() < SOON:
            return self.owed.pop()
        for fault in FAULTS:
            rate = self.rates.get(fault, 0)
            if rate and self._random.random() < rate:
                return fault
        return ""

    async def _ask(self, request: bytes, body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            writer.write(request)
            head = await reader.readuntil(HEAD_END)
            # Who reads no further than this has been answered.
            self._witness(body, int(head.split(b" ", 2)[1]))
            return head + await _rest(reader, head)
        finally:
            with suppress(OSError):
                writer.close()

    async def _give(
        self,
        fault: str,
        answer: bytes,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        if fault == "reset_after":
            reset(writer)
            return False
        if fault == "hole_after":
            return await self._never(reader, writer)
        if fault == "truncate":
            writer.write(answer[: len(answer) // 2])
            await writer.drain()
            return False
        if fault == "slow":
            step = len(answer) // PIECES + 1
            for start in range(0, len(answer), step):
                writer.write(answer[start : start + step])
                await writer.drain()
                await asyncio.sleep(PIECE_PAUSE_S)
        else:
            writer.write(answer)
            await writer.drain()
        return not closes(answer)

    async def _never(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Hold the asker until they leave, or it has been long enough."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.hole_s):
                await reader.read()
        reset(writer)
        return False


def reset(writer: asyncio.StreamWriter) -> None:
    """Reset a connection: its other end sees ECONNRESET, not a clean end."""
    connection: socket.socket = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    writer.transport.abort()


def length_of(head: bytes) -> int:
    """How many bytes follow a head that names its length; 0 where it names none."""
    return int(_header(head, b"content-length") or 0)


def closes(answer: bytes) -> bool:
    """Whether nothing more may be asked on the connection of this answer."""
    return _header(answer.partition(HEAD_END)[0], b"connection").lower() == b"close"


def _header(head: bytes, name: bytes) -> bytes:
    for line in head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip()
    return b""


async def _rest(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """What follows the head of an answer, chunks as they came."""
    if _header(head, b"transfer-encoding").lower() != b"chunked":
        return await reader.readexactly(length_of(head))
    rest = b""
    while True:
        size = await reader.readline()
        chunk = await reader.readexactly(int(size, 16) + 2)
        rest += size + chunk
        if int(size, 16) == 0:
            return rest
