"""A small HTTP client that costs little beside what it measures."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

CONNECTIONS = 8
END = b"\r\n\r\n"


@dataclass
class Answers:
    """What came back: how often each status, and how long each answer took (seconds)."""

    statuses: Counter[int] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    last_body: bytes = b""

    def expect(self, *allowed: int) -> None:
        """Raise RuntimeError where another status came: such a round measures nothing."""
        if set(self.statuses) - set(allowed):
            raise RuntimeError(f"answers {dict(self.statuses)}: {self.last_body[:2000]!r}")


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def request(
    method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """One request as it travels."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + END + body


def fire(
    port: int, requests: Sequence[bytes], *, connections: int = CONNECTIONS, per_second: float = 0
) -> Answers:
    """Send every request, over so many connections; evenly in time where a rate is given."""
    return asyncio.run(_fire(port, requests, connections, per_second))


async def _fire(
    port: int, requests: Sequence[bytes], connections: int, per_second: float
) -> Answers:
    answers = Answers()
    started = time.perf_counter()
    waiting = enumerate(requests)
    await asyncio.gather(
        *(_one_by_one(port, waiting, answers, started, per_second) for _ in range(connections))
    )
    return answers


async def _one_by_one(
    port: int, waiting: Iterator[tuple[int, bytes]], answers: Answers, started: float, rate: float
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for place, message in waiting:
        if rate:
            await asyncio.sleep(max(0, started + place / rate - time.perf_counter()))
        sent = time.perf_counter()
        writer.write(message)
        status, body = await _read(reader)
        answers.waits.append(time.perf_counter() - sent)
        answers.statuses[status] += 1
        answers.last_body = body
    writer.close()
    await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(END)
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return int(head[9:12]), await reader.readexactly(length)
