"""A second press, the back button, a form from yesterday: nothing happens twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.browser import acting, world
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.shop import Shop
    from tests.browser.variants import Variant


def asked_of(shop: Shop, caller: world.Caller) -> list[dict[str, Any]]:
    return shop.rows("payment-intents", customer=caller.id)


def links_to(shop: Shop, caller: world.Caller) -> list[dict[str, Any]]:
    return [message for message in shop.messages(caller.phone) if "/pay/" in message["text"]]


def test_a_double_click_sends_one_link(shop: Shop, open_browser: Open, variant: Variant) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk:
        agent = desk.new_page()
        agent.goto(f"{caller.page}pay/")

        agent.locator("[data-key=l]").dblclick()
        agent.locator(".rail-story .steps li").first.wait_for()
        wait_for(lambda: links_to(shop, caller))
        agent.wait_for_timeout(500)  # for a second answer, if there were one

    assert len(asked_of(shop, caller)) == 1
    assert len(links_to(shop, caller)) == 1


def test_the_back_button_and_the_same_form_again_send_one_link(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant, java_script=False) as desk:
        agent = desk.new_page()
        agent.goto(f"{caller.page}pay/")
        operation = agent.locator("#pay-panel [name=operation]").input_value()

        agent.locator("[data-key=l]").click()
        agent.locator(".rail-story").wait_for()
        assert len(asked_of(shop, caller)) == 1
        agent.go_back()
        is_same = agent.locator("#pay-panel [name=operation]").input_value() == operation
        if is_same:
            agent.locator("[data-key=l]").click()
            agent.locator(".rail-story").wait_for()

    wait_for(lambda: links_to(shop, caller))
    assert len(asked_of(shop, caller)) == 1
    assert len(links_to(shop, caller)) == 1


def test_a_double_click_refunds_once(shop: Shop, open_browser: Open, variant: Variant) -> None:
    caller = world.new_caller(shop)
    asked = world.ask(shop, caller)
    world.pay(shop, asked)
    with open_browser("agent", variant) as desk:
        agent = desk.new_page()
        agent.goto(f"{caller.page}pay/")
        acting.press(agent, "f")
        agent.locator("#refund-amount").fill("10")
        agent.locator("#refund-reason").fill("Goodwill")

        agent.locator("#rail-more button[type=submit]").dblclick()
        expect(agent.locator("#refund-amount")).to_have_count(0)
        wait_for(lambda: world.refunds_of(shop, asked.intent)[0]["status"] == "succeeded")

    assert len(world.refunds_of(shop, asked.intent)) == 1


def test_the_customer_who_presses_twice_has_one_payment(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    asked = world.ask(shop, caller, sends=False)
    with open_browser("", variant) as phone:
        customer = phone.new_page()
        customer.goto(asked.address)

        customer.locator("button[value=card]").dblclick()
        acting.arrive(customer, "card")
        first = customer.url.partition("?")[0]
        customer.goto(asked.address)
        acting.choose(customer, "card")

        assert customer.url.partition("?")[0] == first
        acting.enter_card(customer, world.GOOD)
        customer.wait_for_url("**/receipt/**")
        customer.go_back()
    found = world.intent_of(shop, asked)
    assert found["captured"] == {"amount": 18_490, "currency": "EUR"}
