"""What an agent and a customer do, and what they then see.

Words are never looked for: pages speak three languages.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from core.money import Money, format_money
from core.writing import LOCALES
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.shop import Shop
    from tests.browser.variants import Variant
    from tests.browser.world import Caller

LINK = re.compile(r"https?://\S+/pay/\S+")
OWED = 18_490
# What stands on the provider's page only.
HOSTED = "main.pay"
# A panel has heard the news of a payment within these milliseconds.
SOON = 5_000


def euros(amount: int, variant: Variant) -> str:
    """An amount as a page of that language writes it."""
    return format_money(Money(amount, "EUR"), LOCALES.get(variant.language, variant.language))


# The agent


def find(page: Page, caller: Caller) -> None:
    """Find a customer by the last digits of the phone, by keyboard."""
    page.keyboard.press("Control+k")
    page.keyboard.type(caller.last_digits)
    page.locator("#found[aria-busy=false] #found-1").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{caller.page}**")


def send_link(page: Page) -> None:
    """L, Enter: send the link for what is ticked, and see the rail begin."""
    page.locator("[data-key=l]").wait_for()
    page.keyboard.press("l")
    assert page.evaluate("() => document.activeElement.dataset.key") == "l"
    page.keyboard.press("Enter")
    page.locator(".rail-story .steps li").first.wait_for()


def press(page: Page, key: str) -> None:
    """Press a key that carries an act, once htmx has made it live."""
    page.locator(f"[data-key='{key}']").first.wait_for()
    page.wait_for_function(
        "(key) => document.querySelector(`[data-key='${key}']`).checkVisibility()", arg=key
    )
    page.keyboard.press(key)


def steps(page: Page) -> list[str]:
    """What the rail has told so far, without what is to come."""
    return page.locator(".rail-story .steps li:not(.next) > span").all_inner_texts()


def wait_for_step(page: Page, part: str, *, milliseconds: int = SOON) -> None:
    """Wait until the newest step of the rail says something."""
    told = page.locator(".rail-story .steps li:not(.next)").last
    told.filter(has_text=part).wait_for(timeout=milliseconds)


def owed(page: Page) -> str:
    return page.locator(".owed").inner_text()


# The customer


def link_sent_to(shop: Shop, caller: Caller) -> str:
    """The newest pay link that came to the customer's phone."""
    told = wait_for(lambda: [m for m in shop.messages(caller.phone) if "/pay/" in m["text"]])
    found = LINK.search(told[0]["text"])
    assert found
    return found[0]


def choose(page: Page, method: str) -> None:
    """Choose a way to pay, and come to the provider's own page."""
    page.locator(f"button[value={method}]").click()
    arrive(page, method)


def arrive(page: Page, method: str) -> None:
    """Come to the provider's own page once the way to pay was chosen.

    On a machine that is busy elsewhere the provider may need longer than a customer waits: then
    the page says so, and one presses again.
    """
    for _ in range(3):
        page.locator(f"{HOSTED}, .state.fail").first.wait_for()
        if page.locator(HOSTED).count():
            return
        page.locator(f"button[value={method}]").click()
    pytest.fail("the provider's page did not come")


def enter_card(page: Page, card: str) -> None:
    page.locator("#card").fill(card)
    page.locator("button.primary").click()


def is_paid(page: Page) -> Locator:
    return page.locator(".tag.paid, .state.paid").first
