"""From the sign-in page to a paid link without a mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from core.demo import PASSWORD
from tests.browser import acting, world
from tests.browser.acting import OWED, euros
from tests.browser.variants import DESK, PHONE, Look, Variant

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Open
    from tests.browser.shop import Shop

MOST_TABS = 40
# The focus is seen by an outline or a ring: around the element, or around the box it stands in.
FOCUS = """
() => {
  const isRinged = (element) => {
    const style = element && getComputedStyle(element);
    const hasOutline = style?.outlineStyle !== "none" && parseFloat(style?.outlineWidth) >= 1;
    return hasOutline || (style && style.boxShadow !== "none");
  };
  const { activeElement } = document;
  return isRinged(activeElement) || isRinged(activeElement.parentElement);
}
"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there. Wherever it rests on the way, it must be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS), page.evaluate("() => document.activeElement.outerHTML")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached by Tab")


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    if not page.evaluate("() => document.activeElement.matches('#id_login')"):
        tab_to(page, "#id_login")
    page.keyboard.type("agent")
    tab_to(page, "#id_password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("[data-search]").wait_for()
    # Keys are heard once the scripts are there.
    page.wait_for_load_state()


def test_a_link_is_sent_and_paid_without_a_mouse(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("", variant) as desk, open_browser("", variant) as phone:
        agent, customer = desk.new_page(), phone.new_page()

        sign_in(agent)
        acting.find(agent, caller)
        agent.keyboard.press("l")
        assert agent.evaluate(FOCUS)
        acting.send_link(agent)
        customer.goto(acting.link_sent_to(shop, caller))
        tab_to(customer, "button[value=card]")
        customer.keyboard.press("Enter")
        customer.locator("#card").wait_for()
        tab_to(customer, "#card")
        customer.keyboard.type(world.GOOD)
        customer.keyboard.press("Enter")
        customer.wait_for_url("**/receipt/**")

        acting.wait_for_step(agent, euros(OWED, variant))


def test_the_tab_key_reaches_everything_of_the_customers_page(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        agent = desk.new_page()
        agent.goto(f"{caller.page}pay/")

        for selector in (
            ".skip", ".brand", "[data-search]", ".menu-button", ".tabs a", "input[name=items]",
            "#pay-amount", "[data-key=l]", "[data-key=e]",
        ):  # fmt: skip
            tab_to(agent, selector)


def test_the_focus_returns_from_the_menu_and_from_the_help(
    open_browser: Open, variant: Variant
) -> None:
    with open_browser("agent", variant) as desk:
        agent = desk.new_page()
        agent.goto("/")

        tab_to(agent, ".menu-button")
        agent.keyboard.press("Enter")
        expect(agent.locator("#user-menu")).to_be_visible()
        agent.keyboard.press("Escape")
        expect(agent.locator("#user-menu")).to_be_hidden()
        assert agent.evaluate("() => document.activeElement.matches('.menu-button')")
        agent.keyboard.press("?")
        expect(agent.locator("#keys-help")).to_be_visible()
        agent.keyboard.press("Escape")

        expect(agent.locator("#keys-help")).to_be_hidden()
        assert agent.evaluate("() => document.activeElement.matches('.menu-button')")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=str)
def test_the_links_of_the_bar_are_in_the_menu_only_where_the_bar_has_no_room(
    open_browser: Open, size: tuple[int, int]
) -> None:
    with open_browser("supervisor", Variant("en", Look("light", size))) as desk:
        page = desk.new_page()
        page.goto("/")
        page.locator(".menu-button").click()

        expect(page.locator("#user-menu nav")).to_be_visible(visible=size == PHONE)
        expect(page.locator(".bar > nav")).to_be_visible(visible=size == DESK)


# The turn htmx waits for, made as long as on a busy machine.
NO_TURN_COMES = """
const later = window.setTimeout;
window.setTimeout = (act, wait, ...rest) => later(act, wait || 60_000, ...rest);
"""


def test_a_key_is_heard_as_soon_as_the_page_is_there(open_browser: Open) -> None:
    with open_browser("agent") as desk:
        agent = desk.new_page()
        agent.add_init_script(NO_TURN_COMES)
        agent.goto("/tasks/")

        agent.keyboard.press("F1")

        agent.locator(".help-panel h1").wait_for()
        assert "/help/" not in agent.url
