"""What everybody does who takes a lesson, in pictures where somebody asked for them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import acting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SLOW_MS = 60_000
OF_PICTURES = ("style-src", "Applying inline style")
"""What the console says of the driver's own hand while it takes a picture."""


def wants_pictures(of: str) -> bool:
    """Whether somebody asked for the pictures of `docs/training.md`: WALKTHROUGH=agent."""
    return of in os.environ.get("WALKTHROUGH", "").split(",")


def begin(page: Page, key: str) -> None:
    page.goto("/training/")
    page.locator(f"form[action$='/start/{key}/'] button").press("Enter")
    expect(page.locator("#lesson-title")).to_be_visible()


@contextmanager
def given_up_afterwards(page: Page) -> Iterator[None]:
    """Leave no lesson behind, however the test went: it would stand above the next one's pages."""
    try:
        yield
    finally:
        page.goto("/")
        gives_up = page.locator("#lesson-strip form[action$='/end/'] button")
        if gives_up.count():
            gives_up.click()
            page.wait_for_url("**/training/**")


def see_how_it_went(page: Page) -> None:
    expect(page.locator("#lesson-strip a[href*='/training/runs/']")).to_be_visible(timeout=SLOW_MS)
    acting.press(page, "9")
    expect(page.locator(".score")).to_contain_text("100")


def picture(page: Page, name: str, *, wanted: bool) -> None:
    if wanted:
        page.screenshot(path=IMAGES / f"walkthrough-{name}.png")
