"""Money given back: part of it, never too much, and calmly when the provider is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import acting, world
from tests.browser.acting import euros
from tests.browser.shop import wait_for
from tests.browser.soundness import faults_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.browser.conftest import Open
    from tests.browser.shop import Shop
    from tests.browser.variants import Variant


@pytest.fixture
def paid(shop: Shop) -> tuple[world.Caller, world.Asked]:
    """Somebody who paid 184.90 euros just now."""
    caller = world.new_caller(shop, "Maria Lindström")
    asked = world.ask(shop, caller)
    world.pay(shop, asked)
    return caller, asked


@pytest.fixture
def silent_provider(shop: Shop) -> Iterator[Shop]:
    """A provider that carries the next refund out, says nothing, and cannot be asked either."""
    shop.fail_often(read__error_before=1)
    shop.fail_next("refund", "reset")
    yield shop
    shop.heal()


def ask_back(page: Page, amount: str) -> None:
    """F, an amount, a reason, Enter."""
    acting.press(page, "f")
    page.locator("#refund-amount").fill(amount)
    page.locator("#refund-reason").fill("The router came late")
    page.keyboard.press("Enter")


def test_a_part_is_refunded_with_a_reason(
    shop: Shop, open_browser: Open, variant: Variant, paid: tuple[world.Caller, world.Asked]
) -> None:
    caller, asked = paid
    with open_browser("agent", variant) as desk:
        agent = desk.new_page()
        agent.goto(f"{caller.page}pay/")

        ask_back(agent, "20,50" if variant.language == "fi" else "20.50")

        acting.wait_for_step(agent, euros(2_050, variant))
        expect(agent.locator(".rail-story .steps li.wait")).to_have_count(0)
        expect(agent.locator(".owed .amount")).to_have_text(euros(2_050, variant))
    [refund] = world.refunds_of(shop, asked.intent)
    assert (refund["amount"], refund["status"], refund["reason"]) == (
        2_050, "succeeded", "The router came late",
    )  # fmt: skip


def test_above_the_limit_it_waits_until_a_second_person_presses_one_key(
    shop: Shop, open_browser: Open, variant: Variant, paid: tuple[world.Caller, world.Asked]
) -> None:
    caller, asked = paid
    with open_browser("agent", variant) as desk, open_browser("supervisor", variant) as other:
        agent, supervisor = desk.new_page(), other.new_page()
        supervisor.goto("/payments/approvals/")
        agent.goto(f"{caller.page}pay/")

        ask_back(agent, "150")
        expect(agent.locator("[data-key=w]")).to_be_visible()
        assert world.refunds_of(shop, asked.intent)[0]["status"] == "awaiting_approval"
        row = supervisor.locator(".approval", has_text=caller.name).last
        expect(row).to_contain_text(euros(15_000, variant), timeout=acting.SOON)
        assert faults_of(agent) == faults_of(supervisor) == []
        row.locator("[data-row]").focus()
        supervisor.keyboard.press("a")

        expect(supervisor.locator("#approvals-said")).to_contain_text(euros(15_000, variant))
        acting.wait_for_step(agent, euros(15_000, variant))
        expect(agent.locator("[data-key=w]")).to_have_count(0)
    wait_for(lambda: world.refunds_of(shop, asked.intent)[0]["status"] == "succeeded")


def test_a_silent_provider_holds_everything_until_it_speaks(
    open_browser: Open,
    variant: Variant,
    paid: tuple[world.Caller, world.Asked],
    silent_provider: Shop,
) -> None:
    caller, asked = paid
    with open_browser("supervisor", variant) as desk:
        agent = desk.new_page()
        agent.goto(f"{caller.page}pay/")

        ask_back(agent, "20")
        hold = agent.locator(".rail-story .hold")
        expect(hold.locator(".tag.unknown")).to_be_visible(timeout=20_000)
        before = agent.locator("[data-countdown]").inner_text()
        expect(agent.locator("[data-countdown]")).not_to_have_text(before)
        expect(agent.locator(".rail-story .acts .button")).to_have_count(0)
        assert faults_of(agent) == []
        assert world.refunds_of(silent_provider, asked.intent)[0]["status"] == "unknown"
        silent_provider.heal()

        expect(hold).to_have_count(0, timeout=60_000)
        acting.wait_for_step(agent, euros(2_000, variant))
    [refund] = world.refunds_of(silent_provider, asked.intent)
    assert refund["status"] == "succeeded"
