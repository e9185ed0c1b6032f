"""The supervisor’s board: how old it is, and whether its figures keep their word."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from bench.shift.figures import Figure
from tests.browser import world

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from bench.shift.stage import Stage

CHANGES = 4
SECONDS = 15
LINKS = "/reports/links/?currency=EUR"
COUNTED = re.compile(r"\d+")
# One row of any list of the house, whichever form it has.
ROWS = "main tbody tr, main ul.approvals > li"
IS_ANOTHER = """
    ([address, before]) =>
        document.querySelector(`#figures a[href="${address}"]`)?.textContent !== before
"""


def watch(stage: Stage) -> None:
    """Change what the board counts, and follow each of its figures."""
    board = stage.desk("supervisor").page
    stage.desk("supervisor").keys.press("Escape", "g", "b")
    board.wait_for_url("**/reports/now/")
    board.locator("#figures .tiles a").first.wait_for()
    stage.look(board, "board")
    for _ in range(CHANGES):
        stage.figures.note(Figure.BOARD_AGE, _seconds_until_told(stage, board))
    tiles = board.locator("#figures .tiles li:not(.main) > a")
    figures = [(_text(tile), str(tile.get_attribute("href"))) for tile in tiles.all()]
    page = stage.desk("supervisor").context.new_page()
    found = [text for text in (_other_rows(page, *figure) for figure in figures) if text]
    stage.figures.find(Figure.BOARD_OTHER, found)
    page.close()


def _seconds_until_told(stage: Stage, board: Page) -> float:
    caller = world.new_caller(stage.shop)
    before = board.locator(f'#figures a[href="{LINKS}"]').text_content()
    world.ask(stage.shop, caller, sends=False)
    changed_at = time.monotonic()
    board.wait_for_function(IS_ANOTHER, arg=[LINKS, before], timeout=SECONDS * 1_000)
    return time.monotonic() - changed_at


def _other_rows(page: Page, counted: str, address: str) -> str:
    """Say what is wrong where a figure does not open as many rows as it counts."""
    page.goto(address)
    rows = page.locator(ROWS).count()
    if str(rows) == counted:
        return ""
    return f"{address} counts {counted} and opens {rows}"


def _text(tile: Locator) -> str:
    found = COUNTED.search(tile.inner_text())
    return found[0] if found else "0"
