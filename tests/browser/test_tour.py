"""Who comes for the first time is shown around, by keyboard alone, and finds help anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.soundness import faults_of

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.shop import Shop

FORGET = "UPDATE core_user SET tour_taken = '' WHERE username = %s"


def test_the_tour_begins_once_by_itself_and_goes_through_by_keyboard(
    shop: Shop, open_browser: Open
) -> None:
    with open_browser("agent") as desk:
        page = desk.new_page()
        shop.sql(FORGET, "agent")
        page.goto("/")
        stop, progress = (
            page.locator(".driver-popover"),
            page.locator(".driver-popover-progress-text"),
        )
        expect(progress).to_have_text("1 of 8")
        assert faults_of(page) == []

        page.keyboard.press("n")
        for number in range(2, 9):
            page.keyboard.press("Enter" if number % 2 else "ArrowRight")
            expect(progress).to_have_text(f"{number} of 8")
            expect(stop.locator(".driver-popover-next-btn")).to_be_focused()
            expect(page.locator(".driver-active-element")).to_be_visible()
        page.keyboard.press("Enter")

        expect(stop).to_have_count(0)
        assert page.url.endswith("/")
        page.goto("/")
        page.wait_for_timeout(300)
        expect(stop).to_have_count(0)


def test_it_can_be_taken_again_and_ended_at_once(open_browser: Open) -> None:
    with open_browser("finance") as desk:
        page = desk.new_page()
        page.goto("/help/")
        page.get_by_role("link", name="Take the tour").press("Enter")
        expect(page.locator(".driver-popover")).to_be_visible()

        page.keyboard.press("Escape")

        expect(page.locator(".driver-popover")).to_have_count(0)


def test_help_opens_by_one_key_on_whatever_screen_and_gives_the_focus_back(
    open_browser: Open,
) -> None:
    with open_browser("agent") as desk:
        page = desk.new_page()
        for address, title in (("/", "The desk"), ("/tasks/", "Tasks")):
            page.goto(address)
            field = page.locator("[data-search]")
            field.focus()
            page.keyboard.press("F1")
            expect(page.locator(".help-panel h1")).to_have_text(title)
            expect(page.locator(".help-panel h1")).to_be_focused()

            page.keyboard.press("Escape")

            expect(page.locator(".help-panel h1")).to_be_hidden()
            expect(field).to_be_focused()
