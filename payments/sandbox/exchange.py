"""One request and its answer: who may ask, what was asked before, and what goes wrong.

An Idempotency-Key is honoured the way the stricter providers do it: the same key with the
same body gets the first answer again, with another body 422, and 409 while the first is
still being carried out. Refusals and errors are not kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response, StreamingResponse

from payments.sandbox import connections
from payments.sandbox.ledger import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

    from payments.sandbox.faults import Faults
    from payments.sandbox.store import Store

    type Act = Callable[[dict[str, Any]], dict[str, Any]]

BEFORE = {"error_before": 500, "unavailable": 429}
SLICE = 8


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str
    is_replay: bool = False

    def response(self) -> Response:
        headers = {"idempotent-replayed": "true"} if self.is_replay else None
        return Response(self.body, self.status, headers, "application/json")


class Exchange:
    """Carries out requests against the book, one idempotency key at a time."""

    def __init__(self, store: Store, faults: Faults, api_key: str) -> None:
        self.store = store
        self.faults = faults
        self.api_key = api_key
        self.in_flight: set[str] = set()

    async def carry_out(self, request: Request, operation: str, act: Act) -> Response:
        """Answer a request that changes something, or misbehave as the faults say."""
        body = await request.body()
        fault = self.faults.draw(operation, amount_in(body))
        if early := await self._misbehave_before(fault, request):
            return early
        try:
            answer = await self._once(request, body, act, delayed=fault == "delay")
        except Refused as refused:
            return refusal(refused)
        return await self._answer(fault, request, answer)

    async def read(self, request: Request, look: Callable[[], dict[str, Any]]) -> Response:
        """Answer a request that changes nothing."""
        fault = self.faults.draw("read")
        if early := await self._misbehave_before(fault, request):
            return early
        if fault == "delay":
            await asyncio.sleep(self.faults.delay_s)
        return await self._answer(fault, request, Answer(200, json.dumps(look())))

    def admit(self, request: Request) -> None:
        """Raise Refused unless the request brings the API key."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self.api_key.encode()):
            raise Refused("unauthorised", "The API key is missing or wrong.", 401)

    async def _once(self, request: Request, body: bytes, act: Act, *, delayed: bool) -> Answer:
        key = request.headers.get("idempotency-key", "")
        if not key:
            raise Refused("key_missing", "Idempotency-Key is required.")
        if key in self.in_flight:
            raise Refused("key_in_flight", "The first request is still being carried out.", 409)
        self.in_flight.add(key)
        try:
            if delayed:
                await asyncio.sleep(self.faults.delay_s)
            return self._replay_or_act(key, request.url.path, body, act)
        finally:
            self.in_flight.discard(key)

    def _replay_or_act(self, key: str, path: str, body: bytes, act: Act) -> Answer:
        digest = hashlib.sha256(path.encode() + b"\n" + body).hexdigest()
        if row := self.store.row("SELECT * FROM answer WHERE key = ?", key):
            if row["digest"] != digest:
                raise Refused("key_reused", "The key was used for another request.", 422)
            return Answer(row["status"], row["body"], is_replay=True)
        with self.store.transaction():
            answer = Answer(201, json.dumps(act(parsed(body))))
            self.store.run(
                "INSERT INTO answer VALUES (?, ?, ?, ?)", key, digest, answer.status, answer.body
            )
        return answer

    async def _misbehave_before(self, fault: str, request: Request) -> Response | None:
        if fault in BEFORE:
            return failure(BEFORE[fault])
        if fault == "reset_before":
            connections.reset(request)
            return Response()
        if fault == "black_hole_before":
            await connections.never_answer(request)
            return Response()
        return None

    async def _answer(self, fault: str, request: Request, answer: Answer) -> Response:
        if fault == "error_after":
            return failure(500)
        if fault == "reset":
            connections.reset(request)
        elif fault == "black_hole":
            await connections.never_answer(request)
        elif fault == "garbled":
            return Response("<html>oops", 200)
        elif fault == "slow_read":
            return StreamingResponse(self._trickle(answer), answer.status)
        return answer.response()

    async def _trickle(self, answer: Answer) -> AsyncIterator[str]:
        for start in range(0, len(answer.body), SLICE):
            yield answer.body[start : start + SLICE]
            await asyncio.sleep(self.faults.delay_s / 10)


def amount_in(body: bytes) -> int:
    """The amount that a request names, or 0 where it names none."""
    try:
        amount = parsed(body).get("amount", 0)
    except Refused:
        return 0
    return amount if isinstance(amount, int) else 0


def parsed(body: bytes) -> dict[str, Any]:
    """Read a JSON object. Raises Refused for anything else."""
    try:
        data = json.loads(body or b"{}")
    except ValueError as error:
        raise Refused("body_unreadable", "The body is not JSON.") from error
    if not isinstance(data, dict):
        raise Refused("body_unreadable", "The body is not a JSON object.")
    return data


def refusal(refused: Refused) -> Response:
    return JSONResponse(
        {"error": {"code": refused.code, "message": refused.message}}, refused.status
    )


def failure(status: int) -> Response:
    code = "too_many_requests" if status == 429 else "internal"  # noqa: PLR2004
    return JSONResponse({"error": {"code": code, "message": "Try again later."}}, status)
