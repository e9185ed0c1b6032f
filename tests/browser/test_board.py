"""What changes stands on the supervisor's board within five seconds, whoever changed it."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser import world

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from tests.browser.conftest import Open
    from tests.browser.shop import Shop
    from tests.browser.variants import Variant

SECONDS = 5.0
IS_ANOTHER = """
    ([address, before]) =>
        document.querySelector(`#figures a[href="${address}"]`)?.textContent !== before
"""
PARK = """
    INSERT INTO payments_webhookevent (account_id, event_id, kind, reference_kind, reference,
           our_id, state, attempts, next_at, received_at, error)
    SELECT id, %s, 'payment.paid', '', '', '', 'parked', 1, now(), now(), ''
      FROM payments_provideraccount ORDER BY id LIMIT 1
"""
RELEASE = "UPDATE payments_webhookevent SET state = 'done' WHERE event_id = %s"


def seconds_until_told(page: Page, address: str, change: Callable[[], object]) -> float:
    """Change something, and measure how long the number over its rows stays what it was."""
    before = page.locator(f'#figures a[href="{address}"]').text_content()
    change()
    changed_at = time.monotonic()
    page.wait_for_function(IS_ANOTHER, arg=[address, before], timeout=3 * SECONDS * 1_000)
    return time.monotonic() - changed_at


def test_the_board_is_at_most_five_seconds_old(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    callers = [world.new_caller(shop) for _ in range(2)]
    links, parked = "/reports/links/?currency=EUR", "/payments/parked/"
    world.ask(shop, world.new_caller(shop), sends=False)
    event_id = uuid.uuid4().hex
    with open_browser("supervisor", variant) as desk:
        board = desk.new_page()
        board.goto("/reports/now/")
        expect(board.locator(f'#figures a[href="{links}"]')).to_be_visible()

        waited = [
            seconds_until_told(board, links, lambda: world.ask(shop, callers[0], sends=False)),
            seconds_until_told(board, parked, lambda: shop.sql(PARK, event_id)),
            # No row is new here: only the page's own clock can notice.
            seconds_until_told(board, parked, lambda: shop.sql(RELEASE, event_id)),
            seconds_until_told(board, links, lambda: world.ask(shop, callers[1], sends=False)),
        ]

    assert max(waited) <= SECONDS, waited


def test_nothing_moves_while_nothing_changes(
    shop: Shop, open_browser: Open, variant: Variant
) -> None:
    world.ask(shop, world.new_caller(shop), sends=False)
    with open_browser("supervisor", variant) as desk:
        board = desk.new_page()
        board.goto("/reports/now/")
        link = board.locator("#figures a[href^='/reports/links/']").first
        link.focus()

        with board.expect_response("**/reports/now/figures/", timeout=3 * SECONDS * 1_000):
            pass

        expect(link).to_be_focused()
