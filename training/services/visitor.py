"""The customer of a lesson in front of our pay page and the provider's, over HTTP as anybody."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx

from core import locks
from training.lessons.base import Card

if TYPE_CHECKING:
    from training.models import LessonRun

TIMEOUT_S = 8.0
ONWARD = re.compile(r"url=(\S+)")
# What the sandbox prints on its own page. They open nothing anywhere else.
NUMBERS = {Card.GOOD: "4242424242424242", Card.NO_FUNDS: "4000000000009995"}


class VisitFailed(Exception):
    """A page did not answer, or did not lead on."""


class Visitor:
    """One customer with a browser of their own. Never used inside a transaction."""

    def __init__(self, run: LessonRun) -> None:
        locks.assert_no_transaction()
        # Each from an address of their own: many declines from one would be card testing.
        address = f"10.{run.pk >> 16 & 255}.{run.pk >> 8 & 255}.{run.pk & 255}"
        self._headers = {"X-Forwarded-For": address}

    def look(self, address: str) -> None:
        """Open the pay page, as its own script tells."""
        self._send("GET", address)
        self._send("POST", urljoin(address, "opened/"))

    def choose_card(self, address: str, *, keeps: bool = False) -> str:
        """Choose the card on the pay page and return the provider's page, if there is one."""
        form = {"method": "card", **({"keep": "1"} if keeps else {})}
        self._send("POST", urljoin(address, "method/"), form)
        onward = self._send("GET", urljoin(address, "onward/"))
        found = ONWARD.search(onward.headers.get("refresh", ""))
        return found[1] if found else ""

    def enter(self, page: str, card: Card) -> None:
        """Type a test card into the provider's page."""
        self._send("POST", page, {"card": NUMBERS[card]})

    def _send(
        self, method: str, address: str, form: dict[str, str] | None = None
    ) -> httpx.Response:
        try:
            answer = httpx.request(
                method,
                address,
                data=form,
                headers=self._headers,
                timeout=TIMEOUT_S,
                trust_env=False,
            )
        except httpx.RequestError as error:
            raise VisitFailed(type(error).__name__) from error
        # 503 is what our page says in words when the provider is away: the customer reads it.
        if answer.is_server_error and answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise VisitFailed(f"HTTP {answer.status_code}")
        return answer
