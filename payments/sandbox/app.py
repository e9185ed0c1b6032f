"""Puts the sandbox together as one ASGI application."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from payments.sandbox import clock
from payments.sandbox.api import Api
from payments.sandbox.book import Book
from payments.sandbox.dashboard import Dashboard
from payments.sandbox.exchange import Exchange, refusal
from payments.sandbox.faults import Faults
from payments.sandbox.keypads import Keypads
from payments.sandbox.ledger import Refused
from payments.sandbox.outbox import Outbox
from payments.sandbox.pages import Pages
from payments.sandbox.rendering import HERE
from payments.sandbox.store import Store
from payments.sandbox.terminals import Terminals
from payments.sandbox.webhooks import Sender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request


@dataclass(frozen=True)
class Options:
    """How the program was started."""

    public_url: str
    webhook_url: str = ""
    state: str = ":memory:"
    api_key: str = "sandbox-api-key"
    webhook_secret: str = "sandbox-webhook-secret"  # noqa: S105 - the demo's, known to all
    later_s: float = 3
    seed: int = 1


def create_app(options: Options) -> Starlette:
    """Build the program around one store. The store belongs to the thread that calls this."""
    store = Store(options.state)
    faults = Faults(seed=options.seed)
    book = Book(store, later_s=options.later_s)
    exchange = Exchange(store, faults, options.api_key)
    api = Api(book, exchange, options.public_url)
    sender = Sender(store, faults, url=options.webhook_url, secret=options.webhook_secret)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(sender.run()), asyncio.create_task(clock.run(book))]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/favicon.ico", no_icon),
            *api.routes(),
            *Keypads(api).routes(),
            *Terminals(api).routes(),
            *Pages(book).routes(),
            *Dashboard(book, faults, sender).routes(),
            *Outbox(store, exchange).routes(),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        lifespan=lifespan,
        exception_handlers={Refused: refused_page},
    )


async def healthz(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def no_icon(_: Request) -> Response:
    return Response(status_code=204)


async def refused_page(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 - what it is registered for
    return refusal(error)
