"""The provider is down, or silent; its webhooks are lost, come twice, or late."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bench.shift.acts.giving_back import ask_back
from bench.shift.acts.ways import keep_card
from bench.shift.call import FIBRE, euros, pay_from_elsewhere
from bench.shift.figures import Figure
from tests.browser import acting, world
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.shift.call import Call

# The preferred provider's account, which nobody answers for: its process was killed.
PREFER = (
    "UPDATE payments_provideraccount SET is_enabled = %s, unavailable_until = NULL WHERE name = %s"
)
PREFERRED = "Preferred"
ANSWERED_BY = """
    SELECT account.name, attempt.status FROM payments_paymentattempt attempt
      JOIN payments_provideraccount account ON account.id = attempt.account_id
      JOIN payments_paymentintent intent ON intent.id = attempt.intent_id
     WHERE intent.public_id = %s ORDER BY attempt.id
"""
LATE_S = 3.0


def provider_down(call: Call) -> None:
    """The preferred provider was killed; the customer's choice leads to the next one's page."""
    with _preferred_and_dead(call):
        call.ring()
        with call.desk.keys.counting() as count:
            address = call.send_link()
            with call.stage.customer() as customer:
                customer.goto(address)
                chosen_at = time.time()
                customer.locator("button[value=card]").click()
                customer.locator(acting.HOSTED).wait_for()
                call.note(Figure.FAILOVER, time.time() - chosen_at)
                call.desk.follow_rail(euros(acting.OWED))
                acting.enter_card(customer, world.GOOD)
                customer.wait_for_url("**/receipt/**")
            call.see_paid()
        call.note(Figure.FAILOVER_STEPS, count.keys - 2)
        tried = call.stage.read(ANSWERED_BY, call.intent()["id"])
        assert [name for name, _ in tried] == [PREFERRED, "Sandbox"], tried
        call.look("next provider")
    call.end()


def refund_unanswered(call: Call) -> None:
    """The refund is carried out and its answer lost: do not retry, until the provider speaks."""
    asked = call.paid_before()
    call.ring()
    with _silent(call, "refund"):
        ask_back(call, "20")
        _see_hold(call)
    see_refunded_once(call, asked.intent, 2_000)
    call.end()


def charge_unanswered(call: Call) -> None:
    """A kept card is charged and the answer lost: nothing else is offered until it is known."""
    keep_card(call)
    call.ring()
    desk, left = call.desk, acting.OWED - FIBRE
    with _silent(call, "charge"):
        desk.press("s")
        desk.confirm("[data-key=s]")
        _see_hold(call)
    acting.wait_for_step(desk.page, euros(left), milliseconds=45_000)
    call.end()


def decided_by_two(call: Call) -> None:
    """An answer that never comes: one person looks it up, a second approves."""
    asked = call.paid_before()
    call.ring()
    with _silent(call, "refund"):
        ask_back(call, "20")
        _see_hold(call)
        operation, *_ = call.shop.rows("operations", payment_intent=asked.intent, kind="refund")
        call.shop.sql(
            "UPDATE payments_provideroperation SET last_sent_at = now() - interval '1 hour',"
            " resolve_at = now() + interval '1 hour' WHERE public_id = %s",
            operation["id"],
        )
        _decide(call, str(operation["id"]))
        see_refunded_once(call, asked.intent, 2_000)
    call.end()


def webhook_lost(call: Call) -> None:
    """Not one webhook arrives, and the customer closes the browser: we ask by ourselves."""
    with _faults(call, webhook__webhook_drop=1):
        call.ring()
        address = call.send_link()
        call.desk.follow_rail(euros(acting.OWED))
        pay_from_elsewhere(call, address)
        paid_at = time.time()
        told_at = call.desk.told_at(euros(acting.OWED), seconds=25)
        call.note(Figure.RAIL_LOST, told_at - paid_at)
    call.end()


def webhook_twice(call: Call) -> None:
    """Every webhook comes twice: it is paid once, and one receipt goes out."""
    with _faults(call, webhook__webhook_duplicate=1):
        call.ring()
        address = call.send_link()
        call.desk.follow_rail(euros(acting.OWED))
        pay_from_elsewhere(call, address)
        call.see_paid()
    receipts = wait_for(
        lambda: [m for m in call.shop.messages(call.caller.phone) if "/receipt/" in m["text"]]
    )
    assert len(receipts) == 1, receipts
    call.end()


def webhook_late(call: Call) -> None:
    """The webhooks come seconds late, after the customer is gone."""
    plan = {"rates": {}, "delay_s": LATE_S}
    call.shop.web.post(f"{call.shop.house.sandbox_address}/_faults", json=plan)
    for _ in range(2):
        call.shop.fail_next("webhook", "webhook_delay")
    call.ring()
    address = call.send_link()
    call.desk.follow_rail(euros(acting.OWED))
    pay_from_elsewhere(call, address)
    call.see_paid()
    call.shop.heal()
    call.end()


def see_refunded_once(call: Call, intent: str, amount: int) -> None:
    """The refund succeeded, and there is no other."""
    steps = call.desk.page.locator(".rail-story .steps li:not(.next)")
    steps.filter(has_text=f"Refunded {euros(amount)}").wait_for(timeout=45_000)
    [refund] = world.refunds_of(call.shop, intent)
    assert (refund["amount"], refund["status"]) == (amount, "succeeded"), refund


def _see_hold(call: Call) -> None:
    """Do not retry yet: a countdown, and no button."""
    page = call.desk.page
    expect(page.locator(".rail-story .hold .tag.unknown")).to_be_visible(timeout=20_000)
    call.look("do not retry yet")
    expect(page.locator(".rail-story .acts .button")).to_have_count(0)


def _decide(call: Call, operation: str) -> None:
    """D by a senior agent, A by a supervisor."""
    first, second = call.stage.desk("senior"), call.stage.desk("supervisor")
    for desk in (first, second):
        desk.keys.press("Escape", "g", "w" if desk is first else "a")
        desk.page.wait_for_load_state("load")
    first.page.locator(f"#{operation} [data-row]").wait_for()
    for _ in range(12):
        if first.page.locator(f"#{operation} [data-row]:focus").count():
            break
        first.keys.press("j")
    first.keys.press("d")
    first.page.locator("[name=outcome]:focus").wait_for()
    call.stage.look(first.page, "what became of it")
    first.keys.press("Space")
    first.tab_to("#decide-reason")
    first.keys.type("The dashboard shows it")
    first.keys.press("Enter")
    first.page.wait_for_url("**/payments/unknown/**")
    row = second.page.locator(".approval", has_text=call.caller.name).last
    expect(row).to_be_visible(timeout=acting.SOON)
    for _ in range(12):
        if row.locator("[data-row]:focus").count():
            break
        second.keys.press("j")
    second.keys.press("a")
    expect(row).to_have_count(0)


@contextmanager
def _faults(call: Call, **rates: float) -> Iterator[None]:
    call.shop.fail_often(**rates)
    try:
        yield
    finally:
        call.shop.heal()


@contextmanager
def _silent(call: Call, operation: str) -> Iterator[None]:
    """A provider that carries the next request out, says nothing, and cannot be asked either."""
    call.shop.fail_next(operation, "reset")
    with _faults(call, read__error_before=1):
        yield


@contextmanager
def _preferred_and_dead(call: Call) -> Iterator[None]:
    call.shop.sql(PREFER, True, PREFERRED)
    try:
        yield
    finally:
        call.shop.sql(PREFER, False, PREFERRED)
