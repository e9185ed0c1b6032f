"""The way to the sandbox: one request, one answer, and what went wrong in our own words."""

from __future__ import annotations

import json
import time
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from payments.providers.errors import OutcomeUnknown, ProviderRejected, ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_CONNECTIONS = 32
KEEP_ALIVE_S = 30
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
CLIENT_ERROR = 400
KEY_TROUBLE = frozenset({"key_in_flight", "key_reused"})
"""The key was used before, so the first request may have moved money."""


class Connection:
    """Keeps connections open between requests. Safe to share between threads; never retries."""

    def __init__(self, base_url: str, api_key: str, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._client = httpx.Client(
            base_url=base_url,
            headers={"authorization": f"Bearer {api_key}"},
            timeout=timeout_s,
            limits=httpx.Limits(
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=MOST_CONNECTIONS,
                keepalive_expiry=KEEP_ALIVE_S,
            ),
            trust_env=False,
        )
        weakref.finalize(self, self._client.close)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self._exchange(self._client.build_request("GET", path, params=query))

    def post(self, path: str, data: Mapping[str, Any], *, key: str) -> dict[str, Any]:
        headers = {"idempotency-key": key}
        return self._exchange(self._client.build_request("POST", path, json=data, headers=headers))

    def _exchange(self, request: httpx.Request) -> dict[str, Any]:
        with translated_errors():
            response = self._client.send(request, stream=True)
            try:
                body = self._read(response)
            finally:
                response.close()
        return answer_of(response.status_code, body)

    def _read(self, response: httpx.Response) -> bytes:
        # httpx limits the wait for each piece; an answer that trickles in needs a limit in all.
        ends_at = time.monotonic() + self._timeout_s
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if time.monotonic() > ends_at:
                raise OutcomeUnknown("The answer took too long.")
        return bytes(body)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Sort the network's errors by one question: may money have moved."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise ProviderUnavailable(str(error)) from error
    except httpx.UnsupportedProtocol as error:  # the account's address is not one
        raise ProviderUnavailable(str(error)) from error
    except httpx.HTTPError as error:
        raise OutcomeUnknown(str(error)) from error


def answer_of(status: int, body: bytes) -> dict[str, Any]:
    """Return the answer's JSON, or raise what its status and code mean."""
    data = _parsed(body)
    error = data.get("error") or {}
    code = str(error.get("code", ""))
    message = str(error.get("message", ""))
    if status == TOO_MANY_REQUESTS:
        raise ProviderUnavailable(message, code=code)
    if status >= SERVER_ERROR or code in KEY_TROUBLE:
        raise OutcomeUnknown(message, code=code)
    if status >= CLIENT_ERROR:
        raise ProviderRejected(message, code=code)
    return data


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except ValueError as error:
        raise OutcomeUnknown("The answer cannot be read.") from error
    if not isinstance(data, dict):
        raise OutcomeUnknown("The answer cannot be read.")
    return data
