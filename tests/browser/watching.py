"""Hears everything that a browser complains about, in every page of a context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, WebError

# Said by the page itself as it happens: the console alone may be told too late, or not at all.
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  window.tellViolation(`${event.effectiveDirective} refused ${event.blockedURI || "inline"}`));
"""


class Watch:
    """The complaints of one context: console errors, uncaught errors, content policy."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        context.on("console", self._hear_console)
        context.on("weberror", self._hear_error)
        context.expose_binding("tellViolation", self._hear_violation)
        context.add_init_script(TELL_VIOLATIONS)

    def expect(self, *parts: str) -> None:
        """Let pass what contains one of these: the answer of an error page, a refused form."""
        self.expected = parts

    def take(self) -> list[str]:
        """What was complained about since the last time."""
        taken, self.complaints = self.complaints, []
        return taken

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._hear(f"console: {message.text} ({message.location['url']})")

    def _hear_error(self, error: WebError) -> None:
        self._hear(f"error: {error.error.message}")

    def _hear_violation(self, source: Any, text: str) -> None:
        self._hear(f"content policy: {text} ({source['page'].url})")

    def _hear(self, complaint: str) -> None:
        if not any(part in complaint for part in self.expected):
            self.complaints.append(complaint)
