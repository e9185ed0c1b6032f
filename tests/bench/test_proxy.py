"""The proxy of the kill lane: what each fault looks like to whoever asks, and what reached whom."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from bench.kill.proxy import FAULTS, HEAD_END, Proxy, length_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

REQUEST = b"POST /door HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\nnews"
ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\n0123456789"
NOT_THE_LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = (
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
)

type Lines = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Scene:
    """A target that remembers what reached it, and a proxy before it."""

    def __init__(self) -> None:
        self.answer = ANSWER
        self.reached: list[bytes] = []
        self.seen: list[tuple[bytes, int]] = []
        self.proxy: Proxy

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(HEAD_END)
        self.reached.append(await reader.readexactly(length_of(head)))
        writer.write(self.answer)
        await writer.drain()
        writer.close()

    async def connect(self) -> Lines:
        return await asyncio.open_connection("127.0.0.1", self.proxy.port)

    async def ask(self) -> bytes:
        """Ask once, and return all that comes until the connection ends."""
        reader, writer = await self.connect()
        writer.write(REQUEST)
        async with asyncio.timeout(5):
            try:
                return await reader.read()
            finally:
                writer.close()


@asynccontextmanager
async def scene(**rates: float) -> AsyncIterator[Scene]:
    made = Scene()
    target = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    port = target.sockets[0].getsockname()[1]
    made.proxy = Proxy(port, seed=1, witness=lambda body, status: made.seen.append((body, status)))
    made.proxy.rates = rates
    made.proxy.hole_s = 0.2
    await made.proxy.start()
    try:
        yield made
    finally:
        await made.proxy.stop()
        target.close()


def run(play: Callable[[], Coroutine[None, None, None]]) -> None:
    asyncio.run(play())


def test_without_faults_everything_passes_and_is_witnessed() -> None:
    async def play() -> None:
        async with scene() as here:
            assert await here.ask() == ANSWER
            assert here.reached == [b"news"]
            assert here.seen == [(b"news", 200)]

    run(play)


def test_a_connection_carries_one_exchange_after_another() -> None:
    async def play() -> None:
        async with scene() as here:
            reader, writer = await here.connect()
            here.answer = NOT_THE_LAST
            for _ in range(2):
                writer.write(REQUEST)
                assert await reader.readexactly(len(NOT_THE_LAST)) == NOT_THE_LAST
            here.answer = ANSWER
            writer.write(REQUEST)
            assert await reader.read() == ANSWER
            assert len(here.reached) == 3
            writer.close()

    run(play)


def test_chunks_pass_as_they_came() -> None:
    async def play() -> None:
        async with scene() as here:
            here.answer = CHUNKED
            assert await here.ask() == CHUNKED
            assert here.seen == [(b"news", 201)]

    run(play)


@pytest.mark.parametrize(("fault", "reached"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_is_seen_as_one_and_says_nothing_of_what_was_done(fault: str, reached: int) -> None:
    async def play() -> None:
        async with scene(**{fault: 1}) as here:
            with pytest.raises(ConnectionResetError):
                await here.ask()
            assert len(here.reached) == len(here.seen) == reached
            assert here.proxy.drawn == {fault: 1}

    run(play)


@pytest.mark.parametrize(("fault", "reached"), [("hole_before", 0), ("hole_after", 1)])
def test_a_black_hole_holds_whoever_asks_and_then_cuts_them(fault: str, reached: int) -> None:
    async def play() -> None:
        async with scene(**{fault: 1}) as here:
            began = asyncio.get_running_loop().time()
            with pytest.raises(ConnectionResetError):
                await here.ask()
            assert asyncio.get_running_loop().time() - began >= here.proxy.hole_s
            assert len(here.reached) == reached

    run(play)


def test_a_truncated_answer_ends_in_the_middle_and_counts_as_answered() -> None:
    async def play() -> None:
        async with scene(truncate=1) as here:
            assert await here.ask() == ANSWER[: len(ANSWER) // 2]
            assert here.seen == [(b"news", 200)]

    run(play)


def test_a_slow_answer_comes_whole() -> None:
    async def play() -> None:
        async with scene(slow=1) as here:
            assert await here.ask() == ANSWER

    run(play)


def test_in_the_dark_nothing_passes_and_a_cut_ends_the_waiting() -> None:
    async def play() -> None:
        async with scene() as here:
            here.proxy.is_dark = True
            here.proxy.hole_s = 60
            asking = asyncio.create_task(here.ask())
            await asyncio.sleep(0.1)
            here.proxy.cut()
            with pytest.raises(ConnectionResetError):
                await asking
            assert here.reached == []

    run(play)


def test_a_target_that_is_away_is_told_as_a_reset() -> None:
    async def play() -> None:
        async with scene() as here:
            here.proxy.target = 1
            with pytest.raises(ConnectionResetError):
                await here.ask()
            assert here.seen == []

    run(play)


def test_what_is_owed_happens_once() -> None:
    proxy = Proxy(1, seed=7)
    proxy.owed = ["truncate", "slow"]

    drawn = [proxy._draw() for _ in range(200)]

    assert sorted(filter(None, drawn)) == ["slow", "truncate"]
    assert proxy.drawn == {"slow": 1, "truncate": 1}


def test_the_same_seed_draws_the_same_faults() -> None:
    def drawn(seed: int) -> list[str]:
        proxy = Proxy(1, seed=seed)
        proxy.rates = dict.fromkeys(FAULTS, 0.1)
        return [proxy._draw() for _ in range(200)]

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)
    assert set(drawn(7)) == {"", *FAULTS}
