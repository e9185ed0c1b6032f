"""The demo's softphone, in the browser of an agent but on no screen."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
ACT = re.compile(r'action="(/softphone/call_[0-9a-z]+/)"')
WRAP_UP = re.compile(r'action="(/calls/call_[0-9a-z]+/wrap-up/)"')


class Softphone:
    """Rings at the desk whose browser it is given, and does what one does with a telephone."""

    def __init__(self, desk: BrowserContext) -> None:
        self._desk = desk

    def ring(self, number: str) -> float:
        """Let a number ring; nothing is a withheld one. Returns when that was told (epoch)."""
        return self._send("/softphone/", typed=number)

    def press(self, act: str) -> None:
        """Answer, hold, end: whatever the call that stands first takes now."""
        address = ACT.search(self._page())
        assert address is not None
        self._send(address[1], act=act)

    def hang_up(self) -> None:
        """End every call. What has to be wrapped up stays."""
        while ACT.search(self._page()):
            self.press("end")

    def tidy(self) -> None:
        """Leave no call behind, and none to be wrapped up."""
        self.hang_up()
        while waits := WRAP_UP.search(self._desk.request.get("/wrap-ups/").text()):
            self._send(waits[1], outcome="answered_question")

    @contextmanager
    def hung_up_afterwards(self) -> Iterator[None]:
        """Leave the desk as it was for the next test."""
        try:
            yield
        finally:
            self.tidy()

    def _send(self, address: str, **form: str) -> float:
        token = TOKEN.search(self._page())
        assert token is not None
        sent = {"csrfmiddlewaretoken": token[1], **form}
        sent_at = time.time()
        answer = self._desk.request.post(address, form=sent)
        assert answer.ok, answer.status
        return sent_at

    def _page(self) -> str:
        return self._desk.request.get("/softphone/").text()
