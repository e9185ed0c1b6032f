"""Other ways to pay, by keyboard, and with how few keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import world
from tests.browser.acting import OWED, euros

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Open
    from tests.browser.shop import Shop
    from tests.browser.variants import Variant
    from tests.browser.world import Caller


class Keys:
    """A keyboard that counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.count += 1


def at_the_panel(page: Page, caller: Caller) -> Keys:
    page.goto(f"{caller.page}pay/")
    page.locator("[data-key=p]").wait_for()
    page.wait_for_load_state("networkidle")
    return Keys(page)


def test_a_bank_transfer_takes_two_keys(shop: Shop, open_browser: Open, variant: Variant) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        page = desk.new_page()
        keys = at_the_panel(page, caller)

        keys.press("b")
        page.locator("#pay-way .primary:focus").wait_for()
        keys.press("Enter")

        expect(page.locator("#pay-way .tag.wait")).to_be_visible()
        expect(page.locator(".rail-story .steps .now")).to_be_visible()
        expect(page.locator(".items .tag.wait")).to_have_count(2)
        assert keys.count == 2


def test_instalments_take_three_keys_with_another_number_of_parts(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        page = desk.new_page()
        keys = at_the_panel(page, caller)

        keys.press("i")
        page.locator("#plan-parts:focus").wait_for()
        expect(page.locator("#plan-preview li")).to_have_count(3)
        keys.press("6")
        expect(page.locator("#plan-preview li")).to_have_count(6)
        keys.press("Enter")

        expect(page.locator("#pay-way .tag.wait")).to_contain_text(euros(OWED, variant))
        expect(page.locator(".promises .tag.wait")).to_be_visible()
        expect(page.locator(".rail-story .steps .now")).to_be_visible()
        assert keys.count <= 5


def test_a_promise_takes_two_keys_and_the_date(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        page = desk.new_page()
        keys = at_the_panel(page, caller)

        keys.press("p")
        page.locator("#way-day:focus").wait_for()
        keys.press("Enter")

        shown = page.locator(".promises .tag.wait")
        expect(shown).to_contain_text(euros(OWED, variant))
        expect(page.locator(".items .tag.wait")).to_have_count(2)
        assert keys.count <= 4
