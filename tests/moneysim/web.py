"""The product's doors for programs and browsers, and those who knock and knock again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.test import RequestFactory
from django.test.client import ClientHandler

if TYPE_CHECKING:
    from tests.moneysim.faults import Faults
    from tests.moneysim.kernel import Kernel

    type Headers = dict[str, str] | None

PATIENCE_S = 30.0
TRIES = 6
LEADS_TO = re.compile(r"url=https://bank\.example/(\S+)")


class Requests(RequestFactory):
    """Serves each request by the whole product, middleware included."""

    def __init__(self) -> None:
        super().__init__(SERVER_NAME="127.0.0.1")
        self._handler = ClientHandler(enforce_csrf_checks=False)
        self._handler.load_middleware()

    def request(self, **request: Any) -> Any:
        factory: Any = self
        return self._handler(factory._base_environ(**request))


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


class Web:
    """Web processes: one for each request, so that a crash takes nobody else with it."""

    def __init__(self, kernel: Kernel, faults: Faults, requests: Requests) -> None:
        self.kernel = kernel
        self.faults = faults
        self.requests = requests

    def ask(
        self, name: str, method: str, path: str, body: bytes = b"", headers: Headers = None
    ) -> Answer | None:
        """Ask once. None where no answer came: the process died, was too slow, or it was lost."""
        kernel = self.kernel
        actor = kernel.spawn(name, partial(self._serve, method, path, body, headers or {}))
        kernel.wait(lambda: actor.is_done, PATIENCE_S)
        if not actor.is_done or actor.error is not None:
            return None
        if self.faults.hit("answer_lost_to_client"):
            return None
        answer: Answer = actor.result
        return answer

    def _serve(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        kind = headers.get("Content-Type", "application/json")
        response: Any = self.requests.generic(
            method, path, body, content_type=kind, headers=headers
        )
        return Answer(response.status_code, response.content, dict(response.headers))


class Shop:
    """A program with an API key that repeats a request under its key until it has an answer."""

    def __init__(self, web: Web, token: str) -> None:
        self.web = web
        self._token = token
        self.acknowledged: list[tuple[str, str]] = []
        self.asked: list[str] = []

    def post(self, path: str, body: dict[str, Any], *, key: str) -> dict[str, Any] | None:
        """Ask for something once, however often it must be said. None where it was refused."""
        self.asked.append(key)
        name = f"api {path.partition('/')[0]}"
        text = json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": key}
        for wait in range(TRIES):
            answer = self.web.ask(name, "POST", f"/api/v1/{path}", text, headers)
            if answer is not None and answer.status < 500 and not _is_in_flight(answer):
                if answer.status >= 300:
                    return None
                found: dict[str, Any] = answer.json()
                self.acknowledged.append((path, found["id"]))
                return found
            self.web.kernel.sleep(1 + 2 * wait)
        return None

    def get(self, path: str) -> dict[str, Any] | None:
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = self.web.ask("api get", "GET", f"/api/v1/{path}", headers=headers)
        if answer is None or answer.status != 200:
            return None
        found: dict[str, Any] = answer.json()
        return found


class Browser:
    """A customer with a pay link, who clicks again where a page does not come."""

    FORM = {"Content-Type": "application/x-www-form-urlencoded"}

    def __init__(self, web: Web, address: str) -> None:
        self.web = web
        self.path = "/" + address.partition("//")[2].partition("/")[2]

    def choose(self, method: str, *, keep: bool = False) -> str | None:
        """Choose a way to pay; return the provider's page, or None where none came."""
        form = f"method={method}" + ("&keep=1" if keep else "")
        path = f"{self.path}method/"
        answer = self.web.ask("pay method", "POST", path, form.encode(), self.FORM)
        if answer is None or answer.status != 303:
            return None
        return self.onward()

    def onward(self) -> str | None:
        answer = self.web.ask("pay onward", "GET", f"{self.path}onward/")
        found = LEADS_TO.search(answer.headers.get("Refresh", "")) if answer else None
        return found[1] if found else None

    def state(self) -> str:
        answer = self.web.ask("pay state", "GET", f"{self.path}state/")
        return str(answer.json()["state"]) if answer is not None and answer.status == 200 else ""

    def come_back(self, attempt: str) -> None:
        self.web.ask("pay back", "GET", f"/pay/back/{attempt}/")


def _is_in_flight(answer: Answer) -> bool:
    return answer.status == 409 and b"idempotency_key_in_flight" in answer.body
