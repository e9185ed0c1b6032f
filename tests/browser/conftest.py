"""A browser beside a whole running house. Left out where there is no Chromium, except in CI."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import chromium
from tests.browser.shop import Shop
from tests.browser.variants import DESK, TWO, VARIANTS, Look, Variant
from tests.browser.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from playwright.sync_api import Browser, BrowserContext

    type Open = Callable[..., AbstractContextManager[BrowserContext]]

HERE = Path(__file__).parent
LEFT_OUT = pytest.StashKey[int]()
# The first test waits until the whole house stands.
SECONDS = 300
# A provider that was slow, on a machine that is busy elsewhere: `acting.choose` presses again.
MAY_BE_SLOW = "/method/)"
# A question that the next letter has overtaken is called off; htmx says so in the console.
OVERTAKEN = "AbortError"
# There is none: drawing as if there were one takes half of the processor's time.
WITHOUT_GPU = ["--disable-gpu", "--disable-gpu-rasterization", "--disable-gpu-compositing"]
PLAIN = Variant("en", Look("light", DESK))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-variants",
        action="store_true",
        help="run every browser test in all twelve variants, each page loaded anew for each",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A flow that takes a variant runs in two of them, or in all."""
    if "variant" in metafunc.fixturenames:
        everything = metafunc.config.getoption("all_variants", default=False)
        metafunc.parametrize("variant", VARIANTS if everything else TWO, ids=str)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run together and last: their house takes time to start, and a machine’s calm."""
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    items[:] = [item for item in items if not item.path.is_relative_to(HERE)] + ours
    for item in ours:
        item.add_marker(pytest.mark.timeout(SECONDS))
    if ours and not chromium.find() and not os.environ.get("CI"):
        config.stash[LEFT_OUT] = len(ours)
        for item in ours:
            item.add_marker(pytest.mark.skip(chromium.HOW_TO_GET_ONE))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was left out, and how to have it."""
    if count := config.stash.get(LEFT_OUT, 0):
        words = f"{count} browser tests were left out: {chromium.HOW_TO_GET_ONE}"
        terminalreporter.write_line(words, yellow=True)


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """One house with 200 customers for all browser tests. In the end its money must be right."""
    with tempfile.TemporaryDirectory(prefix="kuitti-browser-") as home, Shop(Path(home)) as shop:
        yield shop
        assert "no difference" in shop.manage("verify_money")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium. Ended after each module: its event loop would be in the way of other tests."""
    program = chromium.find()
    assert program, chromium.HOW_TO_GET_ONE
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=program, args=WITHOUT_GPU)
        yield chrome
        chrome.close()


@pytest.fixture(scope="module")
def open_browser(shop: Shop, browser: Browser) -> Open:
    """Open a browser of somebody, or of a stranger. What it complains about fails the test."""

    @contextmanager
    def opened(
        username: str = "",
        variant: Variant = PLAIN,
        *,
        expects: tuple[str, ...] = (),
        **options: bool,
    ) -> Iterator[BrowserContext]:
        width, height = variant.look.size
        context = browser.new_context(
            base_url=shop.house.address,
            locale=variant.language,
            color_scheme=variant.look.theme,
            reduced_motion="reduce",
            extra_http_headers=shop.from_elsewhere(),
            viewport={"width": width, "height": height},
            storage_state=shop.state_of(browser, username) if username else None,
            java_script_enabled=options.get("java_script", True),
        )
        watch = Watch(context)
        watch.expect(MAY_BE_SLOW, OVERTAKEN, *expects)
        context.set_default_timeout(15_000)
        try:
            yield context
            assert watch.take() == []
        finally:
            context.close()

    return opened
