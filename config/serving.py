"""How synchronous pages run under an asynchronous server: one hop into a thread, and back.

Django's own ASGI handler hops into a thread for every synchronous middleware and signal, twice;
measured, that is most of the cost of a small request. Pages that do not stream events gain
nothing from it, so each is served whole in one thread that keeps its database connection.
"""

from __future__ import annotations

import asyncio
import contextvars
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import IO, TYPE_CHECKING, Any, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import HttpResponse
from django.urls import set_script_prefix

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from django.http import HttpResponseBase, StreamingHttpResponse

    type Scope = dict[str, Any]
    type Message = Mapping[str, Any]
    type Receive = Callable[[], Awaitable[Message]]
    type Send = Callable[[Message], Awaitable[None]]


class PageHandler(ASGIHandler):
    """Serves everything that is not a live stream. An asynchronous view works here, too."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's
        """Build the chain for threads, whatever the base class asks for."""
        del is_async
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body, serve the request in a thread, and send the answer."""
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop = asyncio.get_running_loop()

        def say(message: Message) -> None:
            asyncio.run_coroutine_threadsafe(_as_coroutine(send(message)), loop).result()

        # A context of its own: language and request must not reach the thread's next guest.
        serve = contextvars.copy_context().run
        for message in await loop.run_in_executor(
            self._threads, serve, self._serve, scope, body, say
        ):
            await send(message)

    def _serve(
        self, scope: Scope, body: IO[bytes], say: Callable[[Message], None]
    ) -> list[Message]:
        """Answer in this thread. What streams is sent from here; the rest is given back."""
        with closing(body):
            set_script_prefix(get_script_prefix(scope))
            signals.request_started.send(sender=self.__class__, scope=scope)
            request, refusal = self.create_request(scope, body)
            response = self.get_response(request) if request else cast("HttpResponse", refusal)
            with closing(response):
                head = _head(response)
                if isinstance(response, HttpResponse):
                    return [head, {"type": "http.response.body", "body": response.content}]
                say(head)
                for chunk in cast("StreamingHttpResponse", response):
                    say({"type": "http.response.body", "body": chunk, "more_body": True})
                return [{"type": "http.response.body"}]


def _head(response: HttpResponseBase) -> Message:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    if isinstance(response, HttpResponse) and not response.has_header("Content-Length"):
        headers.append((b"Content-Length", str(len(response.content)).encode()))
    headers += [
        (b"Set-Cookie", cookie.OutputString().encode("ascii"))
        for cookie in response.cookies.values()
    ]
    return {"type": "http.response.start", "status": response.status_code, "headers": headers}


async def _as_coroutine(awaitable: Awaitable[None]) -> None:
    await awaitable
