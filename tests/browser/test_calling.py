"""A ring on the agent's screen: at once, with what is owed, and through every reload."""

from __future__ import annotations

import re
import statistics
import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import acting, world
from tests.browser.softphone import Softphone
from tests.browser.soundness import faults_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Open
    from tests.browser.shop import Shop
    from tests.browser.variants import Variant

RINGS = 5
AT_ONCE_S = 1.0


def test_a_ring_is_on_the_screen_within_a_second(shop: Shop, open_browser: Open) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent") as desk:
        phone, page = Softphone(desk), desk.new_page()
        page.goto("/settings/")
        page.wait_for_timeout(1_000)
        took: list[float] = []
        for _ in range(RINGS):
            with phone.hung_up_afterwards():
                began_at = time.monotonic()
                phone.ring(caller.phone)
                expect(page.locator(".call-pop strong.name")).to_have_text(caller.name)
                took.append(time.monotonic() - began_at)
            expect(page.locator(".call-pop")).to_have_count(0)

    assert statistics.median(took) <= AT_ONCE_S, took


def test_on_the_desk_a_known_caller_opens_by_itself_and_a_reload_keeps_the_call(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        phone, page = Softphone(desk), desk.new_page()
        page.goto("/")
        with phone.hung_up_afterwards():
            phone.ring(caller.phone)
            page.wait_for_url(f"**{caller.page}**")
            phone.press("answer")
            expect(page.locator(".call.answered .recording.on")).to_have_count(1)

            page.reload()

            expect(page.locator(".call.answered")).to_be_visible()
            expect(page.locator(".call .who")).to_have_text(caller.name)


def test_what_hangs_under_the_bar_while_it_rings_is_sound(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        phone, page = Softphone(desk), desk.new_page()
        page.goto("/settings/")
        for number in (caller.phone, f"+35850{time.time_ns() % 9_000_000 + 1_000_000}"):
            with phone.hung_up_afterwards():
                phone.ring(number)
                expect(page.locator(".call-pop [data-call-open]")).to_be_visible()
                assert faults_of(page) == []
                phone.press("answer")
                expect(page.locator(".call.answered .recording.on")).to_have_count(1)
                assert faults_of(page) == []
                page.locator(".call a.num").click()
                expect(page.locator("#call-page .steps")).to_be_visible()
                assert faults_of(page) == []
                page.goto("/settings/")


def test_what_is_typed_on_the_desk_stays(shop: Shop, open_browser: Open) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent") as desk:
        phone, page = Softphone(desk), desk.new_page()
        page.goto("/")
        page.locator("[data-search]").fill("Virtanen")
        with phone.hung_up_afterwards():
            phone.ring(caller.phone)
            expect(page.locator(".call-pop")).to_be_visible()
            expect(page.locator("[data-search]")).to_have_value("Virtanen")


def test_hold_and_the_recordings_pause_are_one_key_each(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        phone, page = Softphone(desk), desk.new_page()
        page.goto("/settings/")
        with phone.hung_up_afterwards():
            phone.ring(caller.phone)
            phone.press("answer")
            expect(page.locator(".call.answered .recording.on")).to_have_count(1)
            _press_and_see(page, "u", ".recording.paused")
            _press_and_see(page, "h", ".call.held")
            _press_and_see(page, "h", ".call.answered")


def test_an_unknown_caller_is_written_down_from_the_ring(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    del shop
    with open_browser("agent", variant) as desk:
        phone, page = Softphone(desk), desk.new_page()
        page.goto("/settings/")
        with phone.hung_up_afterwards():
            phone.ring(f"+35850{time.time_ns() % 9_000_000 + 1_000_000}")
            expect(page.locator(".call-pop [data-copy]")).to_be_visible()
            acting.press(page, "c")
            expect(page.locator("#id_phone")).to_have_value(re.compile(r"\+35850\d{7}"))
            expect(page.locator("#id_name")).to_be_focused()
            page.keyboard.type("Uuno Uusi")
            page.keyboard.press("Enter")
            page.wait_for_url("**/customers/cus_**")
            expect(page.locator(".call .who")).to_have_text("Uuno Uusi")


def _press_and_see(page: Page, key: str, selector: str) -> None:
    acting.press(page, key)
    expect(page.locator(selector)).to_have_count(1)
