"""Tasks without a mouse: written down, done, taken back, put off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import world

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.shop import Shop
    from tests.browser.variants import Variant


def test_a_call_back_is_written_down_done_and_taken_back_by_keys(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        page = desk.new_page()
        page.goto(f"{caller.page}pay/")
        page.locator("#customer-tasks p").wait_for()
        page.keyboard.press("v")
        page.locator("#id_text").fill("Router")
        page.locator("#id_text").press("Tab")
        page.locator("form.form button.primary").press("Enter")
        page.wait_for_url(f"**{caller.page}")

        page.keyboard.press("g")
        page.keyboard.press("t")
        page.wait_for_url("**/tasks/")
        own = page.locator(".task", has_text="Router")
        expect(own).to_have_count(1)
        own.locator("[data-row]").focus()
        page.keyboard.press("d")
        page.wait_for_url("**/tasks/?done=*")
        expect(own).to_have_count(0)
        page.keyboard.press("u")
        page.wait_for_url("**/tasks/")

        expect(own).to_have_count(1)
        own.locator("[data-row]").focus()
        page.keyboard.press("z")
        expect(page.locator(".notices li")).to_have_count(1)
        own.locator("[data-row]").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{caller.page}**")
        page.locator("#customer-tasks .task").wait_for()
        shop.sql("DELETE FROM crm_task")


def test_d_outside_of_the_rows_does_nothing(shop: Shop, open_browser: Open) -> None:
    caller = world.new_caller(shop)
    due_at = "2026-01-01T09:00:00Z"
    shop.post("tasks", customer=caller.id, kind="follow_up", text="Meter", due_at=due_at)
    with open_browser("agent") as desk:
        page = desk.new_page()
        page.goto("/tasks/?overdue=on")

        page.keyboard.press("d")
        page.wait_for_load_state("networkidle")

        expect(page.locator(".task", has_text="Meter")).to_have_count(1)
        shop.sql("DELETE FROM crm_task")
