"""Lessons by keyboard, as finance takes them; with WALKTHROUGH=finance in pictures, too."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import acting
from tests.browser.lessons import (
    OF_PICTURES,
    SLOW_MS,
    begin,
    given_up_afterwards,
    picture,
    see_how_it_went,
    wants_pictures,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Open

PICTURES = wants_pictures("finance")
LEDGER = "section[aria-labelledby=ledger-title] td.number"


@contextmanager
def lesson(open_browser: Open, key: str) -> Iterator[Page]:
    """Take a lesson until its first words were said; whatever happens, it is over afterwards."""
    with open_browser("finance", expects=OF_PICTURES if PICTURES else ()) as desk:
        page = desk.new_page()
        with given_up_afterwards(page):
            begin(page, key)
            expect(page.locator(".captions")).to_contain_text(":", timeout=SLOW_MS)
            yield page


def test_a_refund_is_approved_by_one_key(open_browser: Open) -> None:
    with lesson(open_browser, "approve") as page:
        picture(page, "finance-1-asked", wanted=PICTURES)
        page.keyboard.press("g")
        page.keyboard.press("a")
        page.wait_for_url("**/payments/approvals/")
        expect(page.locator(".approval [data-row]").first).to_be_focused()
        picture(page, "finance-2-queue", wanted=PICTURES)
        page.keyboard.press("a")
        expect(page.locator("#approvals-said")).not_to_be_empty()
        see_how_it_went(page)
        picture(page, "finance-3-score", wanted=PICTURES)


def test_the_books_of_a_payment_are_read_and_told(open_browser: Open) -> None:
    with lesson(open_browser, "verify_books") as page:
        page.locator("#lesson-strip a[href*='/customers/']").press("Enter")
        page.locator("a[href*='/payments/pi_']").first.press("Enter")
        page.locator("#ledger-title").scroll_into_view_if_needed()
        taken, back = (page.locator(LEDGER).nth(place).inner_text() for place in (0, 2))
        picture(page, "finance-4-ledger", wanted=PICTURES)
        page.locator("#lesson-strip a[href*='/customers/']").press("Enter")
        acting.press(page, "v")
        page.locator("#id_text").fill(f"Taken {taken}, given back {back}, left 80.50.")
        picture(page, "finance-5-told", wanted=PICTURES)
        page.locator("form.form button.primary").press("Enter")
        see_how_it_went(page)
        picture(page, "finance-6-score", wanted=PICTURES)
