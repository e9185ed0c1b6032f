from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from config.serving import PageHandler
from core.policy import public


@public
def echo(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(request.body[::-1])
    response.set_cookie("seen", "1")
    return response


@public
def stream(request: HttpRequest) -> StreamingHttpResponse:
    del request
    return StreamingHttpResponse(iter([b"one,", b"two"]))


@public
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(request.path)


urlpatterns = [
    path("api/echo", echo),
    path("api/stream", stream),
    path("api/broken", broken),
]


def ask(address: str, *bodies: bytes, is_gone: bool = False) -> list[dict[str, Any]]:
    """What the server would send for a request whose body comes in pieces."""
    sent: list[dict[str, Any]] = []
    pieces = list(bodies) or [b""]

    async def receive() -> dict[str, Any]:
        if is_gone:
            return {"type": "http.disconnect"}
        body = pieces.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    scope = {
        "type": "http",
        "method": "POST",
        "path": address,
        "headers": [(b"host", b"127.0.0.1")],
        "query_string": b"",
    }
    handler = PageHandler(threads=1)
    asyncio.run(handler(scope, receive, send))
    return sent


@pytest.fixture(autouse=True)
def _urls(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.config.test_serving"


def test_a_page_is_answered_whole() -> None:
    head, body = ask("/api/echo", b"ab", b"cd")

    assert head["status"] == 200
    assert (b"Content-Length", b"4") in head["headers"]
    assert any(name == b"Set-Cookie" for name, _ in head["headers"])
    assert body["body"] == b"dcba"


def test_what_streams_is_sent_piece_by_piece() -> None:
    head, *pieces = ask("/api/stream")

    assert head["status"] == 200
    assert [piece.get("body") for piece in pieces] == [b"one,", b"two", None]


def test_a_view_that_fails_answers_500(caplog: pytest.LogCaptureFixture) -> None:
    head, _ = ask("/api/broken")

    assert head["status"] == 500
    assert "RuntimeError" in caplog.text


def test_a_caller_who_left_is_not_served() -> None:
    assert ask("/api/echo", is_gone=True) == []
