"""A call that ends paid: the agent's browser beside the customer's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import acting, world
from tests.browser.acting import OWED, SOON, euros
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from tests.browser.conftest import Open
    from tests.browser.shop import Shop
    from tests.browser.variants import Variant


def test_an_agent_watches_the_link_being_paid(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    with open_browser("agent", variant) as desk, open_browser("", variant) as phone:
        agent, customer = desk.new_page(), phone.new_page()
        agent.goto("/")

        acting.find(agent, caller)
        agent.evaluate("() => { window.neverReloaded = true }")
        acting.send_link(agent)
        customer.goto(acting.link_sent_to(shop, caller))
        expect(agent.locator(".rail-story .steps li")).to_have_count(5)
        acting.choose(customer, "card")
        acting.enter_card(customer, world.GOOD)
        customer.wait_for_url("**/receipt/**")

        acting.wait_for_step(agent, euros(OWED, variant))
        expect(agent.locator(".rail-story .steps li.next")).to_have_count(0, timeout=SOON)
        expect(agent.locator(".owed .amount")).to_have_count(0, timeout=SOON)
        assert agent.evaluate("() => window.neverReloaded") is True
    assert world.receipt_address(shop, caller)


def test_a_declined_card_can_be_followed_by_a_good_one(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    asked = world.ask(shop, caller)
    with open_browser("senior", variant) as desk, open_browser("", variant) as phone:
        agent, customer = desk.new_page(), phone.new_page()
        agent.goto(f"{caller.page}pay/")
        customer.goto(asked.address)

        acting.choose(customer, "card")
        acting.enter_card(customer, world.DECLINED)
        expect(agent.locator(".rail-story .tag.fail")).to_be_visible(timeout=SOON)
        assert world.intent_of(shop, asked)["captured"] == {"amount": 0, "currency": "EUR"}
        acting.enter_card(customer, world.GOOD)
        customer.wait_for_url("**/receipt/**")

        acting.wait_for_step(agent, euros(OWED, variant))
        expect(agent.locator(".rail-story .tag.fail")).to_have_count(0)


def test_a_cancelled_link_can_no_longer_be_paid(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    caller = world.new_caller(shop)
    asked = world.ask(shop, caller)
    with open_browser("supervisor", variant) as desk, open_browser("", variant) as phone:
        agent, customer = desk.new_page(), phone.new_page()
        customer.goto(asked.address)
        expect(customer.locator("button.method").first).to_be_visible()
        agent.goto(f"{caller.page}pay/")

        acting.press(agent, "x")
        agent.keyboard.press("Enter")
        expect(agent.locator(".rail-story .acts")).to_have_count(0)
        customer.reload()

        expect(customer.locator("h1")).to_be_visible()
        expect(customer.locator("button.method")).to_have_count(0)
    assert world.intent_of(shop, asked)["status"] == "canceled"


def test_a_customer_pays_without_scripts(shop: Shop, open_browser: Open, variant: Variant) -> None:
    asked = world.ask(shop, world.new_caller(shop), sends=False)
    with open_browser("", variant, java_script=False) as phone:
        customer = phone.new_page()
        customer.goto(asked.address)

        acting.choose(customer, "card")
        acting.enter_card(customer, world.GOOD)
        wait_for(lambda: world.intent_of(shop, asked)["status"] == "succeeded")
        customer.goto(asked.address)
        expect(acting.is_paid(customer)).to_be_visible()
        customer.locator("a.primary").click()

        customer.wait_for_url("**/receipt/**")


def test_mobilepay_is_confirmed_on_its_own_page(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    asked = world.ask(shop, world.new_caller(shop), sends=False)
    with open_browser("", variant) as phone:
        customer = phone.new_page()
        customer.goto(asked.address)

        acting.choose(customer, "mobilepay")
        customer.locator("button.primary").click()

        customer.wait_for_url("**/receipt/**")
        expect(acting.is_paid(customer)).to_be_visible()
