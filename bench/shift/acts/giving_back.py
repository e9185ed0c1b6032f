"""Money goes back: all of it, a part, more than one may alone; and surplus goes elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bench.shift.call import FIBRE, euros
from bench.shift.figures import Figure
from tests.browser import acting, world
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from bench.shift.call import Call

PART, ABOVE = 2_050, 15_000
REASON = "The router came late"
TOO_MUCH = 15_000


def in_full(call: Call) -> None:
    """F, a reason, Enter: the whole amount stands there already."""
    call.paid_before()
    call.ring()
    desk = call.desk
    desk.page.locator("[data-key=f]").wait_for()
    desk.follow_rail(euros(FIBRE))
    with desk.keys.counting() as count:
        desk.press("f")
        desk.page.locator("#refund-reason:focus").wait_for()
        call.look("refund")
        desk.keys.type(REASON)
        desk.keys.press("Enter")
    call.note(Figure.REFUND_KEYS, count.keys)
    see_refunded(call, FIBRE)
    call.end()


def in_part(call: Call) -> None:
    """A part, with a reason."""
    asked = call.paid_before()
    call.ring()
    ask_back(call, "20.50")
    see_refunded(call, PART)
    [refund] = world.refunds_of(call.shop, asked.intent)
    assert refund["amount"] == PART, refund
    call.end()


def by_line(call: Call) -> None:
    """F, Y, one piece of one line, a reason: the amount is shown, and Enter gives it back."""
    asked = call.paid_before()
    call.ring()
    desk = call.desk
    desk.press("f")
    desk.page.locator("#refund-reason:focus").wait_for()
    desk.tab_to("[data-key=y]")
    desk.keys.press("Enter")
    desk.page.locator("#rail-more [name^=line-]:focus").wait_for()
    call.look("by line")
    desk.keys.press("Control+a")
    desk.keys.type("1")
    desk.tab_to("#lines-reason")
    desk.keys.type(REASON)
    desk.keys.press("Enter")
    desk.page.locator("#rail-more button[type=submit]:focus").wait_for()
    desk.follow_rail(euros(FIBRE))
    desk.keys.press("Enter")
    see_refunded(call, FIBRE)
    [refund] = world.refunds_of(call.shop, asked.intent)
    assert refund["amount"] == FIBRE, refund
    call.end()


def above_limit(call: Call) -> None:
    """More than an agent may give back: a supervisor approves it in a browser of her own."""
    asked = call.paid_before(acting.OWED)
    other = call.stage.desk("supervisor")
    other.keys.press("Escape", "g", "a")
    other.page.wait_for_url("**/payments/approvals/")
    call.ring()
    ask_back(call, "150")
    expect(call.desk.page.locator("[data-key=w]")).to_be_visible()
    call.look("waits for approval")
    row = other.page.locator(".approval", has_text=call.caller.name).last
    expect(row).to_contain_text(euros(ABOVE), timeout=acting.SOON)
    call.stage.look(other.page, "approvals")
    for _ in range(12):
        other.keys.press("j")
        if row.locator("[data-row]:focus").count():
            break
    with other.keys.counting() as count:
        other.keys.press("a")
    expect(other.page.locator("#approvals-said")).to_contain_text(euros(ABOVE))
    call.note(Figure.APPROVE_KEYS, count.keys)
    see_refunded(call, ABOVE)
    [refund] = world.refunds_of(call.shop, asked.intent)
    assert (refund["amount"], refund["status"]) == (ABOVE, "succeeded"), refund
    call.end()


def surplus(call: Call) -> None:
    """More was paid than one invoice asked for: Z moves the rest to the other one."""
    world.pay_too_much(call.shop, call.caller, TOO_MUCH)
    call.ring()
    desk = call.desk
    desk.press("z")
    desk.page.locator("#rail-more [name=invoice]").first.wait_for()
    call.look("to another invoice")
    desk.page.locator("#rail-more input:focus").wait_for()
    desk.keys.press("Enter")
    acting.wait_for_step(desk.page, f"{euros(TOO_MUCH - FIBRE)} moved")
    call.end()


def ask_back(call: Call, amount: str) -> None:
    """F, an amount, a reason, Enter."""
    desk = call.desk
    desk.press("f")
    desk.page.locator("#refund-reason:focus").wait_for()
    desk.tab_to("#refund-amount", backwards=True)
    desk.keys.press("Control+a")
    desk.keys.type(amount)
    desk.tab_to("#refund-reason")
    desk.keys.type(REASON)
    desk.keys.press("Enter")


def see_refunded(call: Call, amount: int) -> None:
    """Wait until the rail says that it is back."""
    acting.wait_for_step(call.desk.page, euros(amount), milliseconds=15_000)
    expect(call.desk.page.locator(".rail-story .steps li.wait")).to_have_count(0)
    wait_for(
        lambda: (
            {one["status"] for one in world.refunds_of(call.shop, call.intent()["id"])}
            == {"succeeded"}
        )
    )
