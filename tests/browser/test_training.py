"""A lesson by keyboard, as an agent takes it; with WALKTHROUGH=agent in pictures, too."""

from __future__ import annotations

from contextlib import ExitStack
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
    from tests.browser.conftest import Open


def test_an_agent_takes_a_lesson_by_keyboard(open_browser: Open) -> None:
    pictures = wants_pictures("agent")
    expected = OF_PICTURES if pictures else ()
    with open_browser("agent", expects=expected) as desk, ExitStack() as stack:
        page = desk.new_page()
        stack.enter_context(given_up_afterwards(page))
        begin(page, "link_paid")
        expect(page.locator("#lesson-strip [value=answer]")).to_be_visible(timeout=SLOW_MS)
        picture(page, "agent-1-rings", wanted=pictures)
        page.wait_for_url("**/customers/**")
        acting.press(page, "8")
        expect(page.locator(".captions")).to_contain_text("I have a bill", timeout=SLOW_MS)
        picture(page, "agent-2-answered", wanted=pictures)
        acting.send_link(page)
        expect(page.locator(".captions")).to_contain_text("it is paid", timeout=SLOW_MS)
        picture(page, "agent-3-paid", wanted=pictures)
        expect(page.locator("#wrap-up-form")).to_be_visible(timeout=SLOW_MS)
        acting.press(page, "w")
        page.keyboard.press("Enter")
        see_how_it_went(page)
        picture(page, "agent-4-score", wanted=pictures)
