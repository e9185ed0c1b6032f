"""Ctrl+K, chords, rows and single keys, as somebody without a mouse uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import world
from tests.browser.variants import DESK, Look, Variant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Open
    from tests.browser.shop import Shop

PLAIN = Variant("en", Look("light", DESK))
FRESH = "#found[aria-busy=false]"


def is_focused(page: Page, selector: str) -> bool:
    found: bool = page.evaluate("(it) => document.activeElement.matches(it)", selector)
    return found


def open_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("#found [role=option]").first.wait_for()


def test_the_palette_opens_over_a_field_and_gives_the_focus_back(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        page = desk.new_page()
        page.goto(f"{caller.page}notes/")
        page.locator("#id_note").fill("Half a sentence")

        open_palette(page)
        assert is_focused(page, "[data-search]")
        page.keyboard.press("Escape")

        assert is_focused(page, "#id_note")
        expect(page.locator("#found")).to_be_hidden()
        page.keyboard.type("!")
        assert page.locator("#id_note").input_value() == "Half a sentence!"


def test_arrows_and_enter_press_an_act_of_the_page(shop: Shop, open_browser: Open) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent") as desk:
        page = desk.new_page()
        page.goto(f"{caller.page}pay/")
        open_palette(page)
        first = page.locator("#found [aria-selected=true]").get_attribute("id")
        page.keyboard.press("ArrowDown")
        assert page.locator("#found [aria-selected=true]").get_attribute("id") != first

        page.keyboard.type("send link")
        page.locator(f"{FRESH} [data-press=l][aria-selected=true]").wait_for()
        page.keyboard.press("Enter")

        assert is_focused(page, "[data-key=l]")


def test_the_palette_does_on_another_tab_what_it_offers(shop: Shop, open_browser: Open) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent") as desk:
        page = desk.new_page()
        page.goto(f"{caller.page}timeline/")
        open_palette(page)

        page.keyboard.type("payment link")
        page.locator(f"{FRESH} [aria-selected=true]").wait_for()
        page.keyboard.press("Enter")

        page.wait_for_url("**/pay/#key-l")
        page.wait_for_function("() => document.activeElement.dataset.key === 'l'")


def test_an_address_never_presses(shop: Shop, open_browser: Open) -> None:
    """Whoever made the address is not the reader: it may only bring the focus."""
    caller = world.new_caller(shop)
    with open_browser("agent") as desk:
        page = desk.new_page()
        page.goto(f"{caller.page}pay/#key-e")
        page.wait_for_load_state("networkidle")

        assert page.url.endswith("/pay/#key-e")
        assert is_focused(page, "body")


def test_enter_before_the_answer_does_nothing_of_what_was_on_offer(
    shop: Shop, open_browser: Open
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent") as desk:
        page = desk.new_page()
        page.goto(f"{caller.page}pay/")
        open_palette(page)

        page.keyboard.type(caller.last_digits)
        page.keyboard.press("Enter")

        page.wait_for_url("**/search/")
        expect(page.locator(".found-page a").first).to_contain_text(caller.name)


def test_chords_lead_to_pages_and_help_names_them(open_browser: Open) -> None:
    with open_browser("agent") as desk:
        page = desk.new_page()
        page.goto("/")
        page.keyboard.press("?")
        expect(page.locator("#keys-help [data-chord='g p']")).to_be_visible()
        page.keyboard.press("Escape")

        page.keyboard.press("g")
        page.keyboard.press("p")
        page.wait_for_url("**/payments/")
        page.keyboard.press("g")
        page.keyboard.press("d")

        page.wait_for_url(lambda url: url.endswith("/"))


def test_j_and_k_move_through_a_list_and_enter_opens(shop: Shop, open_browser: Open) -> None:
    world.ask(shop, world.new_caller(shop), sends=False)
    world.ask(shop, world.new_caller(shop, "Kaisa Niemi"), sends=False)
    with open_browser("agent") as desk:
        page = desk.new_page()
        page.goto("/payments/")
        rows = page.locator("[data-row]")
        second = rows.nth(1).get_attribute("href")

        for key in ("j", "j", "j", "k"):
            page.keyboard.press(key)
        page.keyboard.press("Enter")

        page.wait_for_url(f"**{second}")


@pytest.fixture
def _finance_without_keys(shop: Shop) -> Iterator[None]:
    shop.sql("UPDATE core_user SET shortcuts_enabled = false WHERE username = 'finance'")
    yield
    shop.sql("UPDATE core_user SET shortcuts_enabled = true WHERE username = 'finance'")


@pytest.mark.usefixtures("_finance_without_keys")
def test_single_keys_can_be_turned_off_and_the_palette_still_works(
    shop: Shop, open_browser: Open
) -> None:
    caller = world.new_caller(shop)
    with open_browser("finance") as desk:
        page = desk.new_page()
        page.goto(f"{caller.page}timeline/")

        for key in ("1", "?", "/", "g", "p"):
            page.keyboard.press(key)
        page.wait_for_load_state("networkidle")
        assert page.url.endswith("/timeline/")
        expect(page.locator("#keys-help")).to_be_hidden()
        open_palette(page)
        page.keyboard.type("payments")
        page.locator(f"{FRESH} [aria-selected=true]").wait_for()
        page.keyboard.press("Enter")

        page.wait_for_url("**/payments/")


def test_a_letter_typed_into_a_field_is_a_letter(shop: Shop, open_browser: Open) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent") as desk:
        page = desk.new_page()
        page.goto(f"{caller.page}notes/")
        page.locator("#id_note").fill("")

        page.locator("#id_note").press_sequentially("1 ge/?jkn")

        assert page.locator("#id_note").input_value() == "1 ge/?jkn"
        assert page.url.endswith("/notes/")


def test_the_administration_leads_to_the_palette(open_browser: Open) -> None:
    with open_browser("admin") as desk:
        page = desk.new_page()
        page.goto("/admin/")

        page.keyboard.press("Control+k")

        page.wait_for_url("**/search/#find")
        page.locator("#found [role=option]").first.wait_for()
