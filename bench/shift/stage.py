"""The house, its browser, and everybody who plays in the shift."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Error

from bench.shift.desk import EXPECTED, Desk
from bench.shift.figures import GOALS, Figure, Figures
from config.embedded.postgres import DATABASE
from tests.browser import soundness
from tests.browser.variants import DESK, PHONE, THEMES
from tests.browser.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

    from tests.browser.shop import Shop

CALL_S = 60.0
STEP_S = 15.0
# What the README shows, by what is looked at.
PICTURES = {"card paying": "desk", "pay page": "pay"}


class TookTooLong(Exception):
    """A call has used up its time."""


class Stage:
    """Opens desks and customers' phones, and hears what browsers complain about."""

    def __init__(self, shop: Shop, browser: Browser, pictures: Path | None = None) -> None:
        self.shop = shop
        self.browser = browser
        self.pictures = pictures
        self.figures = Figures()
        self.desks: dict[str, Desk] = {}
        self.looked_at: set[str] = set()
        self.ends_at = time.monotonic() + CALL_S

    def begin_call(self) -> None:
        self.ends_at = time.monotonic() + CALL_S

    def check_time(self) -> None:
        """Raise TookTooLong once the call's time is over. Asked before every key."""
        if time.monotonic() > self.ends_at:
            raise TookTooLong(f"still on the line after {CALL_S:.0f} s")

    def desk(self, username: str) -> Desk:
        """The desk of somebody, who signed in once."""
        if username not in self.desks:
            self.desks[username] = Desk(self._context(username), self.check_time)
        return self.desks[username]

    @contextmanager
    def customer(self) -> Iterator[Page]:
        """A customer's phone, at an address of its own."""
        context = self._context("")
        watch = Watch(context)
        watch.expect(*EXPECTED)
        page = context.new_page()
        try:
            yield page
            self._take(watch)
        except (AssertionError, Error):
            words = " ".join(page.locator("body").inner_text().split())
            self.figures.remarks.append(f"the customer stood at {page.url}: {words[:200]}")
            raise
        finally:
            context.close()

    @contextmanager
    def passer_by(self, username: str = "") -> Iterator[BrowserContext]:
        """A browser that has nothing in its cache yet."""
        context = self._context(username)
        try:
            yield context
        finally:
            context.close()

    def look(self, page: Page, name: str) -> None:
        """Let axe look at what is shown, once in a shift; take the picture that is due."""
        if name not in self.looked_at:
            self.looked_at.add(name)
            if self.pictures is not None and name in PICTURES:
                self._take_pictures(page, self.pictures / PICTURES[name])
            found = [f"{name}: {fault}" for fault in soundness.faults_of(page)]
            self.figures.find(Figure.AXE, found)

    def _take_pictures(self, page: Page, path: Path) -> None:
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            whole = page.viewport_size != {"width": DESK[0], "height": DESK[1]}
            name = f"{path.name}-{theme}.png"
            page.screenshot(path=path.with_name(name), full_page=whole, caret="initial")
        page.emulate_media(color_scheme=THEMES[0])

    def take_complaints(self) -> None:
        """Count what the browsers of all desks complained about since the last time."""
        for desk in self.desks.values():
            self._take(desk.watch)
            self.figures.find(Figure.MOUSE, desk.mouse.heard)
            desk.mouse.heard = []
            self._take_statements(desk)

    def _take_statements(self, desk: Desk) -> None:
        for count, address in desk.statements:
            self.figures.note(Figure.STATEMENTS, count)
            if count > GOALS[Figure.STATEMENTS].limit:
                self.figures.remarks.append(f"{count} statements: {address}")
        desk.statements = []

    def read(self, statement: str, *values: Any) -> list[Any]:
        """Ask the database, as its owner."""
        postgres = self.shop.house._postgres  # noqa: SLF001
        assert postgres is not None
        with postgres.connect("kuitti_owner", DATABASE) as connection:
            return list(connection.execute(statement.encode(), values).fetchall())

    def _take(self, watch: Watch) -> None:
        heard = watch.take()
        policy = [words for words in heard if words.startswith("content policy")]
        self.figures.find(Figure.POLICY, policy)
        self.figures.find(Figure.COMPLAINTS, [words for words in heard if words not in policy])

    def _context(self, username: str) -> BrowserContext:
        width, height = DESK if username else PHONE
        context = self.browser.new_context(
            base_url=self.shop.house.address,
            locale="en",
            color_scheme="light",
            reduced_motion="reduce",
            extra_http_headers=self.shop.from_elsewhere(),
            viewport={"width": width, "height": height},
            storage_state=self.shop.state_of(self.browser, username) if username else None,
        )
        context.set_default_timeout(STEP_S * 1_000)
        return context
