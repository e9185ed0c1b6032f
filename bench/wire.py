"""A small HTTP client that keeps its connections: thousands of customers cost it little."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 40
# Shorter than any server of ours waits: a connection it closes meanwhile is never used again.
IDLE_S = 3
END = b"\r\n\r\n"


class WireError(Exception):
    """There was no answer, or none that can be used."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. The names of headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used_at: float = 0


class Wire:
    """Connections to one port of this machine, as many as are needed at once."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[_Line] = []

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return await self._ask("GET", path, b"", headers or {})

    async def send(
        self, path: str, data: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """POST JSON."""
        kind = {"Content-Type": "application/json", **(headers or {})}
        return await self._ask("POST", path, json.dumps(data).encode(), kind)

    async def submit(
        self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Answer:
        """POST a form, and follow no redirect."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return await self._ask("POST", path, urlencode(form).encode(), kind)

    async def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._exchange("\r\n".join(head).encode() + END + body)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            raise WireError(f"{method} {path}: {type(error).__name__}") from error

    async def _exchange(self, request: bytes) -> Answer:
        line = await self._line()
        try:
            line.writer.write(request)
            answer = await _read(line.reader)
        except BaseException:
            line.writer.close()
            raise
        if answer.headers.get("connection") == "close":
            line.writer.close()
        else:
            line.used_at = time.monotonic()
            self._idle.append(line)
        return answer

    async def _line(self) -> _Line:
        while self._idle:
            line = self._idle.pop()
            if time.monotonic() - line.used_at < IDLE_S:
                return line
            line.writer.close()
        return _Line(*await asyncio.open_connection("127.0.0.1", self.port))

    def close(self) -> None:
        for line in self._idle:
            line.writer.close()
        self._idle.clear()


async def _read(reader: asyncio.StreamReader) -> Answer:
    first, *lines = (await reader.readuntil(END)).decode("latin-1").rstrip().split("\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    status = int(first.split(" ", 2)[1])
    if headers.get("transfer-encoding") == "chunked":
        return Answer(status, headers, await _chunks(reader))
    return Answer(status, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readexactly(2)
    return body
