"""Who is on the line: somebody new, nobody in particular, one of several."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bench.shift.call import euros, pay_from_elsewhere
from bench.shift.figures import Figure
from tests.browser import acting
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from bench.shift.call import Call

ADVANCE = 4_500


def unknown(call: Call) -> None:
    """Nobody has this number: Enter, a name, Enter; an amount and a link in advance."""
    number = f"+35850{time.time_ns() % 9_000_000 + 1_000_000}"
    desk, page = call.desk, call.desk.page
    call.ring_unknown(number)
    call.look("nobody known")
    with desk.keys.counting() as count:
        _write_down(call)
        _ask_in_advance(call)
    told = wait_for(lambda: [m for m in call.shop.messages(number) if "/pay/" in m["text"]])
    call.note(Figure.NEW_TIME, time.time() - call.rang_at)
    call.note(Figure.NEW_KEYS, count.keys)
    address = acting.LINK.search(told[0]["text"])
    assert address is not None
    pay_from_elsewhere(call, address[0])
    acting.wait_for_step(page, euros(ADVANCE))
    call.end()


def _write_down(call: Call) -> None:
    """C, a name, Enter: the number stands there already."""
    desk, page = call.desk, call.desk.page
    desk.press("c")
    expect(page.locator("#id_phone")).to_have_value(re.compile(r"\+35850\d{7}"))
    call.look("written down")
    page.locator("#id_name:focus").wait_for()
    desk.keys.type("Uuno Uusi")
    desk.keys.press("Enter")
    page.wait_for_url("**/customers/cus_**")


def _ask_in_advance(call: Call) -> None:
    """A, an amount, Enter; Space says that it is in advance, and Enter sends the link."""
    desk, page = call.desk, call.desk.page
    # Who owes nothing is met by their story; the panel is the first tab.
    desk.press("1")
    page.wait_for_url("**/pay/")
    desk.press("a")
    page.locator("#pay-amount:focus").wait_for()
    desk.keys.type("45")
    desk.keys.press("Enter")
    page.locator("[name=allows_surplus]:focus").wait_for()
    call.look("in advance")
    desk.keys.press("Space", "Enter")
    page.locator(".rail-story .steps li").first.wait_for()


def withheld(call: Call) -> None:
    """No number at all: the agent finds the customer, Y says who it is, and the link is sent."""
    call.ring_unknown("")
    desk, page = call.desk, call.desk.page
    desk.find(call.caller)
    call.look("is it they")
    desk.press("y")
    expect(page.locator(".call .who")).to_have_text(re.compile(call.caller.name))
    address = call.send_link()
    desk.follow_rail(euros(acting.OWED))
    pay_from_elsewhere(call, address)
    call.see_paid()
    call.end()


def several(call: Call) -> None:
    """Two customers share the number: J and Enter choose the one who is on the line."""
    call.shop.post("customers", name="Aatu Lehtinen", phones=[call.caller.phone], language="fi")
    call.ring_unknown(call.caller.phone)
    desk, page = call.desk, call.desk.page
    expect(page.locator(".call-pop [data-row]")).to_have_count(2)
    call.look("two have the number")
    for _ in range(2):
        desk.keys.press("j")
        if page.locator(f".call-pop [data-row][value={call.caller.id}]:focus").count():
            break
    desk.keys.press("Enter")
    page.wait_for_url(f"**{call.caller.page}**")
    address = call.send_link()
    desk.follow_rail(euros(acting.OWED))
    pay_from_elsewhere(call, address)
    call.see_paid()
    call.end()
