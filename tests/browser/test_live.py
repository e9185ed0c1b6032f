"""News reaches every tab by one stream, after a reload, and without what Redis knew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import acting, world

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.conftest import Open
    from tests.browser.shop import Shop
    from tests.browser.variants import Variant

# Versions are compared every five seconds, whatever became of the news.
AT_THE_LATEST = 10_000
IS_LONGER = (
    "(count) => document.querySelectorAll('.rail-story .steps li:not(.next)').length > count"
)


def wait_for_more(page: Page, before: list[str]) -> None:
    """Wait until the rail tells more than it did."""
    page.wait_for_function(IS_LONGER, arg=len(before), timeout=AT_THE_LATEST)


def test_a_reload_keeps_the_rail(shop: Shop, open_browser: Open, variant: Variant) -> None:
    caller = world.new_caller(shop)
    # A message on its way would be delivered between the two looks.
    asked = world.ask(shop, caller, sends=False)
    world.enter_card(shop, world.choose(shop, asked, "card"), world.DECLINED)
    with open_browser("agent", variant) as desk:
        agent = desk.new_page()
        agent.goto(f"{caller.page}pay/")
        expect(agent.locator(".rail-story .tag.fail")).to_be_visible()
        told = acting.steps(agent)

        agent.reload()

        assert acting.steps(agent) == told


def test_two_tabs_share_one_stream_and_both_hear(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    asked = world.ask(shop, caller)
    with open_browser("senior", variant) as desk:
        opened: list[str] = []
        desk.on("request", lambda request: opened.append(request.url))
        first, second = desk.new_page(), desk.new_page()
        first.goto(f"{caller.page}pay/")
        second.goto(f"{caller.page}timeline/")
        tabs = [(tab, acting.steps(tab)) for tab in (first, second)]

        world.choose(shop, asked, "card")

        for tab, before in tabs:
            wait_for_more(tab, before)
        assert len([address for address in opened if "/live/stream" in address]) == 1


def test_news_arrives_although_redis_forgot_everything(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    asked = world.ask(shop, caller)
    with open_browser("supervisor", variant) as desk:
        agent = desk.new_page()
        agent.goto(f"{caller.page}pay/")
        before = acting.steps(agent)

        shop.forget_redis()
        world.choose(shop, asked, "card")

        wait_for_more(agent, before)
