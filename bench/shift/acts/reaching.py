"""The customer is to be reached: the agent calls, or sends the link once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bench.shift.call import euros, pay_from_elsewhere
from tests.browser import acting
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from bench.shift.call import Call

# Within ten seconds of a message another press of R is taken for the same one.
LOOKED_FOR_MS = 10_500


def dialled(call: Call) -> None:
    """The agent calls by the button beside the number: not reached at first, then reached."""
    desk = call.desk
    desk.go_home()
    desk.find(call.caller)
    desk.dial()
    desk.phone.press("fail")
    expect(desk.page.locator(".call-said")).to_be_visible()
    call.look("not reached")
    call.rang_at = desk.dial()
    call.answer()
    address = call.send_link()
    desk.follow_rail(euros(acting.OWED))
    pay_from_elsewhere(call, address)
    call.see_paid()
    call.end()


def resent(call: Call) -> None:
    """The first message is not found on the phone: R sends another."""
    call.ring()
    desk = call.desk
    call.send_link()
    desk.page.wait_for_timeout(LOOKED_FOR_MS)
    desk.press("r")
    told = wait_for(lambda: _links(call)[1:])
    desk.follow_rail(euros(acting.OWED))
    pay_from_elsewhere(call, told[-1])
    call.see_paid()
    assert len(call.intents()) == 1, call.intents()
    call.end()


def _links(call: Call) -> list[str]:
    """Every link that came to the caller's phone, the first one first."""
    texts = [message["text"] for message in call.shop.messages(call.caller.phone)]
    return [found[0] for text in texts if (found := acting.LINK.search(text))]
