"""The screen says that something went wrong where it did, and only there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import acting

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

    from tests.browser.conftest import Open
    from tests.browser.shop import Shop

PLACE = "place-that-goes"
# What stood there is replaced while the answer for it is on its way.
ASK = f"""
() => {{
  const place = document.createElement("div");
  place.id = "{PLACE}";
  document.querySelector("main").append(place);
  window.htmx.ajax("GET", "/wrap-ups/?slow", {{ target: place, swap: "outerMorph" }});
}}
"""
REPLACE = f"() => document.getElementById('{PLACE}').remove()"
WITHOUT = """
() => addEventListener("htmx:before:swap", (event) => event.stopImmediatePropagation(), true)
"""


def answer_comes_too_late(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/wrap-ups/?slow", hold)
    with page.expect_request("**/wrap-ups/?slow"):
        page.evaluate(ASK)
    page.evaluate(REPLACE)
    with page.expect_response("**/wrap-ups/?slow"):
        held[0].continue_()
    page.wait_for_load_state("networkidle")


def test_an_answer_for_what_was_replaced_meanwhile_is_no_trouble(
    shop: Shop, open_browser: Open
) -> None:
    del shop
    with open_browser("agent") as desk:
        page = desk.new_page()
        page.goto("/tasks/")

        answer_comes_too_late(page)

        page.wait_for_timeout(300)
        expect(page.locator("#trouble .error")).to_have_count(0)


def test_without_leaving_it_out_the_screen_cries_wolf(shop: Shop, open_browser: Open) -> None:
    del shop
    with open_browser("agent", expects=("insertBefore",)) as desk:
        page = desk.new_page()
        page.goto("/tasks/")
        page.evaluate(WITHOUT)

        answer_comes_too_late(page)

        expect(page.locator("#trouble .error")).to_be_visible(timeout=acting.SOON)
