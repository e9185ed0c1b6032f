"""A link is sent, and paid in one way or another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bench.shift.call import euros
from tests.browser import acting, world
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from bench.shift.call import Call

APPROVES = "button[name=answer][value=yes]"


def by_card(call: Call) -> None:
    """Ring, L, Enter; the customer pays by card; Enter saves the wrap-up."""
    call.is_ordinary = True
    call.ring()
    call.look("ringing")
    address = call.send_link()
    call.desk.follow_rail(euros(acting.OWED))
    with call.stage.customer() as customer:
        customer.goto(address)
        call.stage.look(customer, "pay page")
        acting.choose(customer, "card")
        call.stage.look(customer, "card page")
        acting.wait_for_step(call.desk.page, "card")
        call.look("paying")
        acting.enter_card(customer, world.GOOD)
        customer.wait_for_url("**/receipt/**")
        call.stage.look(customer, "receipt")
    call.see_paid()
    call.look("paid")
    call.end()


def by_mobilepay(call: Call) -> None:
    _approved(call, "mobilepay")


def by_bank(call: Call) -> None:
    _approved(call, "bank")


def declined_first(call: Call) -> None:
    """The first card is declined; the agent sees it, and the customer takes another."""
    call.ring()
    address = call.send_link()
    with call.stage.customer() as customer:
        customer.goto(address)
        acting.choose(customer, "card")
        acting.enter_card(customer, world.DECLINED)
        expect(call.desk.page.locator(".rail-story .tag.fail")).to_be_visible()
        call.look("declined")
        call.desk.follow_rail(euros(acting.OWED))
        acting.enter_card(customer, world.GOOD)
        customer.wait_for_url("**/receipt/**")
    call.see_paid()
    call.end()


def undelivered(call: Call) -> None:
    """The text message does not arrive, so the link goes by e-mail: O, and the button."""
    call.ring()
    desk = call.desk
    desk.press("l")
    desk.confirm("[data-key=l]")
    expect(desk.page.locator(".rail-story .tag.fail, .rail-story li.fail").first).to_be_visible()
    call.look("not delivered")
    desk.press("o")
    desk.page.locator("#other-typed:focus").wait_for()
    desk.tab_to("#rail-more .stacked button:last-of-type")
    desk.keys.press("Enter")
    told = wait_for(
        lambda: [m for m in call.shop.messages(call.caller.email) if "/pay/" in m["text"]]
    )
    address = acting.LINK.search(told[0]["text"])
    assert address is not None
    desk.follow_rail(euros(acting.OWED))
    with call.stage.customer() as customer:
        customer.goto(address[0])
        acting.choose(customer, "card")
        acting.enter_card(customer, world.GOOD)
    call.see_paid()
    call.end()


def _approved(call: Call, method: str) -> None:
    call.is_ordinary = True
    call.ring()
    address = call.send_link()
    call.desk.follow_rail(euros(acting.OWED))
    with call.stage.customer() as customer:
        customer.goto(address)
        acting.choose(customer, method)
        call.stage.look(customer, f"{method} page")
        customer.locator(APPROVES).click()
        customer.wait_for_url("**/receipt/**")
    call.see_paid()
    call.end()
