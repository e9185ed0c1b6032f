"""The hands of an agent: a keyboard that counts, and no mouse."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Page

# Said by the page itself: a real event of a pointer, whoever brought it about.
TELL_MOUSE = """
for (const kind of ["pointerdown", "mousedown", "wheel", "touchstart"]) {
  addEventListener(kind, (event) => event.isTrusted && window.tellMouse(kind), { capture: true });
}
"""


# The keystroke-level model (Card, Moran and Newell, 1980): one key of an average typist, and the
# thought before a command.
KEY_S, THOUGHT_S = 0.28, 1.35


@dataclass
class Count:
    """Keys that were pressed, and letters that were typed into fields, which are data."""

    keys: int = 0
    typed: int = 0

    @property
    def seconds(self) -> float:
        """How long one command takes a person, by the model."""
        return THOUGHT_S + KEY_S * (self.keys + self.typed)


class Keyboard:
    """Presses and types, and counts the one apart from the other."""

    def __init__(self, page: Page, check_time: Callable[[], None]) -> None:
        self._page = page
        self._check_time = check_time
        self._counts: list[Count] = []

    @contextmanager
    def counting(self) -> Iterator[Count]:
        """Count what is pressed and typed from here on."""
        count = Count()
        self._counts.append(count)
        try:
            yield count
        finally:
            self._counts.remove(count)

    def press(self, *keys: str) -> None:
        """Press one key after the other. Raises TookTooLong where the call's time is over."""
        for key in keys:
            self._check_time()
            self._page.keyboard.press(key)
            for count in self._counts:
                count.keys += 1

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        self._check_time()
        self._page.keyboard.type(text)
        for count in self._counts:
            count.typed += len(text)


class MouseWatch:
    """Hears every real event of a pointer in the pages of a context."""

    def __init__(self, context: BrowserContext) -> None:
        self.heard: list[str] = []
        context.expose_binding("tellMouse", self._hear)
        context.add_init_script(TELL_MOUSE)

    def _hear(self, source: Any, kind: str) -> None:
        self.heard.append(f"{kind} on {source['page'].url}")
