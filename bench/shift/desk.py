"""An agent at a desk: a browser, its keyboard, and the telephone beside it."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from bench.shift.keyboard import Keyboard, MouseWatch
from tests.browser import acting
from tests.browser.softphone import Softphone
from tests.browser.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import BrowserContext, Response

    from tests.browser.world import Caller

# A form that was refused on purpose; a question that the pressing of a button has overtaken.
EXPECTED = ("a status of 422", "AbortError")
FIRST_PAGE = re.compile(r"^https?://[^/]+/$")
STATEMENTS = re.compile(r'sql;desc="(\d+)"')
# When each of these was first on the screen, told by the page's own clock: after the frame in
# which it was painted.
FIRST_SEEN = """
window.firstSeen = {};
const seek = () => {
  for (const selector of [".owed", ".call-pop"]) {
    if (!(selector in window.firstSeen) && document.querySelector(selector)) {
      window.firstSeen[selector] = Date.now();
    }
  }
};
const afterFrame = () => requestAnimationFrame(() => setTimeout(seek));
new MutationObserver(afterFrame).observe(document, { childList: true, subtree: true });
"""
# Every live stream that a page opens, so that one can ask which are open still.
KEEP_STREAMS = """
window.streams = [];
window.EventSource = class extends EventSource {
  constructor(...given) {
    super(...given);
    window.streams.push(this);
  }
};
"""
OPEN_STREAMS = "() => window.streams.filter((one) => one.readyState !== EventSource.CLOSED).length"
# When the newest step of the rail first says something.
FOLLOW_RAIL = """
(part) => {
  const steps = ".rail-story .steps li:not(.next)";
  window.told = new Promise((resolve) => {
    const look = () => {
      const newest = Array.from(document.querySelectorAll(steps)).at(-1)?.textContent ?? "";
      if (!newest.includes(part)) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, subtree: true, characterData: true });
    look();
  });
}
"""
DIALS = ".contact-line[action$='/dial/'] button"
# Once the line of the telephone is free the wrap-up asks for the focus.
WRAP_UP = "#wrap-up-form"
SAVES = f"{WRAP_UP} button[type=submit]"


class Desk:
    """Stays open for the whole shift; each call begins on its first page."""

    def __init__(self, context: BrowserContext, check_time: Callable[[], None]) -> None:
        self.context = context
        self.watch = Watch(context)
        self.watch.expect(*EXPECTED)
        self.mouse = MouseWatch(context)
        self.statements: list[tuple[int, str]] = []
        context.on("response", self._count)
        context.add_init_script(FIRST_SEEN + KEEP_STREAMS)
        self.phone = Softphone(context)
        self._check_time = check_time
        self.open()

    def open(self) -> None:
        """Open a tab to work in, as one does in the morning or after a crash."""
        self.page = self.context.new_page()
        self.keys = Keyboard(self.page, self._check_time)
        self.page.goto("/")
        self.page.locator("[data-search]").wait_for()

    def _count(self, response: Response) -> None:
        """Keep how many statements a page says that it took."""
        told = STATEMENTS.search(response.headers.get("server-timing", ""))
        if told and response.request.method == "GET":
            self.statements.append((int(told[1]), response.url))

    def start_anew(self) -> None:
        """Leave every tab and open another."""
        left = self.context.pages
        self.open()
        for page in left:
            page.close()

    def open_streams(self) -> int:
        """How many live streams all tabs together hold open."""
        return sum(page.evaluate(OPEN_STREAMS) for page in self.context.pages)

    def go_home(self) -> None:
        """G D: the desk, where a ring opens the customer by itself."""
        if self.page.url.rstrip("/").count("/") > 2:
            self.keys.press("Escape", "g", "d")
            self.page.wait_for_url(FIRST_PAGE, wait_until="load")
        # Keys and news are heard once the scripts are there.
        self.page.wait_for_load_state("load")

    def press(self, key: str) -> None:
        """Press a key that carries an act, once it is shown and live."""
        self.page.locator(f"[data-key='{key}']:visible").first.wait_for()
        self.keys.press(key)

    def confirm(self, focused: str) -> None:
        """Enter, once the focus is where it should be."""
        self.page.locator(f"{focused}:focus").first.wait_for()
        self.keys.press("Enter")

    def tab_to(self, selector: str, *, backwards: bool = False) -> None:
        """Press Tab until the focus is there."""
        key = "Shift+Tab" if backwards else "Tab"
        for _ in range(40):
            self.keys.press(key)
            if self.page.locator(f"{selector}:focus").count():
                return
        raise AssertionError(f"{selector} is not reached by {key}")

    def find(self, caller: Caller) -> None:
        """Control+K, the last digits, Enter."""
        self.keys.press("Control+k")
        self.keys.type(caller.last_digits)
        self.page.locator("#found[aria-busy=false] #found-1").wait_for()
        self.keys.press("Enter")
        self.page.wait_for_url(f"**{caller.page}**")

    def dial(self) -> float:
        """Call the customer by the button beside the number. Returns when (epoch)."""
        self.tab_to(DIALS, backwards=True)
        dialled_at = time.time()
        self.keys.press("Enter")
        self.page.locator(".call.ringing").wait_for()
        return dialled_at

    # The rail

    def follow_rail(self, part: str) -> None:
        """Look out for what the rail will say."""
        self.page.evaluate(FOLLOW_RAIL, part)

    def told_at(self, part: str, *, seconds: float = 15) -> float:
        """When the rail first said it (epoch). Waits for it."""
        acting.wait_for_step(self.page, part, milliseconds=round(seconds * 1_000))
        told: float = self.page.evaluate("() => window.told") / 1_000
        return told

    # The end of a call

    def hang_up(self) -> float:
        """End the call, and wait until its wrap-up is there. Returns when it ended (epoch)."""
        self.phone.press("end")
        ended_at = time.time()
        self.page.locator(WRAP_UP).wait_for()
        return ended_at

    def save_wrap_up(self) -> None:
        """Enter where the focus waits on the button; W first where it does not."""
        self.page.wait_for_timeout(100)
        if not self.page.locator(f"{SAVES}:focus").count():
            self.keys.press("w")
        self.confirm(SAVES)
        self.page.locator(WRAP_UP).wait_for(state="detached")
