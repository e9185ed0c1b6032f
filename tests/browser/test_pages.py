"""Every page in each language and its looks in turn, or in all of them: axe and the policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.pages import (
    ADMINISTRATION,
    CUSTOMER,
    DESK,
    FOR_MACHINES,
    REPORTS,
    SANDBOX,
    Sight,
)
from tests.browser.sights import Sights, prepare
from tests.browser.soundness import found, start_looking
from tests.browser.variants import LANGUAGES, LOOKS, Look, Variant
from tests.browser.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

    from tests.browser.shop import Shop

SIGHTS = (*DESK, *REPORTS, *ADMINISTRATION, *FOR_MACHINES, *CUSTOMER, *SANDBOX)


@pytest.fixture(scope="module")
def sights(shop: Shop) -> Sights:
    return prepare(shop)


class Window:
    """One browser that stays open from page to page, in one language."""

    def __init__(self, context: BrowserContext, language: str) -> None:
        self.watch = Watch(context)
        self.page = context.new_page()
        self.language = language

    def show(self, look: Look) -> None:
        self.page.emulate_media(color_scheme=look.theme)
        self.page.set_viewport_size({"width": look.size[0], "height": look.size[1]})

    def go_to(self, sight: Sight, sights: Sights) -> None:
        self.watch.expect(*sight.complains)
        answer = self.page.goto(sight.address(sights).replace("{lang}", self.language))
        assert answer is not None
        assert answer.status == sight.status, answer.url
        for step in sight.steps:
            step(self.page)
        assert self.page.locator("html").get_attribute("lang") == self.language

    def leave(self) -> list[str]:
        """Close the page, and say what the browser complained about."""
        self.page.goto("about:blank")
        return [f"{self.language}: {complaint}" for complaint in self.watch.take()]


class Windows(dict[tuple[str, str], Window]):
    """Windows by person and language, opened when first looked through."""

    def __init__(self, shop: Shop, browser: Browser) -> None:
        super().__init__()
        self.shop = shop
        self.browser = browser

    def __missing__(self, key: tuple[str, str]) -> Window:
        who, language = key
        context = self.browser.new_context(
            base_url=self.shop.house.address,
            locale=language,
            reduced_motion="reduce",
            storage_state=self.shop.state_of(self.browser, who) if who else None,
        )
        self[key] = Window(context, language)
        return self[key]


@pytest.fixture(scope="module")
def windows(shop: Shop, browser: Browser) -> Iterator[Windows]:
    windows = Windows(shop, browser)
    yield windows
    for window in windows.values():
        window.page.context.close()


@pytest.mark.parametrize("sight", SIGHTS, ids=str)
def test_a_page_is_sound_in_every_language_colour_and_size(
    sight: Sight, sights: Sights, windows: Windows, request: pytest.FixtureRequest
) -> None:
    # What speaks one language only is the same page in every browser.
    by_language = dict(zip(LANGUAGES, sight.who, strict=True))
    ours = [windows[by_language[language], language] for language in sight.speaks]
    wants_all = request.config.getoption("all_variants", default=False)
    turn = SIGHTS.index(sight)

    faults = []
    for first in range(turn, turn + (len(LOOKS) if wants_all else 1)):
        # Each language in another look, the next page in the next ones.
        looks = [LOOKS[(first + place) % len(LOOKS)] for place in range(len(ours))]
        for window, look in zip(ours, looks, strict=True):
            window.show(look)
            window.go_to(sight, sights)
        for window in ours:
            start_looking(window.page)
        for window, look in zip(ours, looks, strict=True):
            variant = Variant(window.language, look)
            faults += [f"{variant}: {fault}" for fault in found(window.page)]
    complaints = [complaint for window in ours for complaint in window.leave()]

    assert faults == []
    assert complaints == []
