"""Other ways to pay: a saved method, a keyed card, the phone's keypad, a transfer, a promise."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from bench.shift.call import FIBRE, euros
from bench.shift.figures import Figure
from tests.browser import acting, world
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from bench.shift.call import Call

# What the agent's screen says to read out, and what the customer then keys.
KEYED = (
    ("key your card number", world.GOOD),
    ("the month and the year", "1234"),
    ("the three digits", "123"),
)


def keep_card(call: Call) -> None:
    """Before the call the caller paid for fibre and let the shop keep the card."""
    intent = call.shop.post(
        "payment-intents",
        customer=call.caller.id,
        amount=FIBRE,
        currency="EUR",
        invoices=[call.caller.invoices[0]],
    )
    session = call.shop.post("checkout-sessions", payment_intent=intent["id"])
    with call.stage.customer() as customer:
        customer.goto(session["url"])
        customer.locator("input[name=keep]").check()
        acting.choose(customer, "card")
        acting.enter_card(customer, world.GOOD)
        customer.wait_for_url("**/receipt/**")
    wait_for(lambda: call.shop.get(f"payment-intents/{intent['id']}")["status"] == "succeeded")


def saved(call: Call) -> None:
    """S, Enter: the kept card is charged for the router."""
    keep_card(call)
    call.ring()
    desk, left = call.desk, acting.OWED - FIBRE
    desk.page.locator("[data-key=s]").wait_for()
    desk.follow_rail(euros(left))
    with desk.keys.counting() as count:
        desk.press("s")
        desk.confirm("[data-key=s]")
    desk.told_at(euros(left))
    call.note(Figure.SAVED_KEYS, count.keys)
    call.look("charged")
    call.end()


def keyed(call: Call) -> None:
    """The recording is paused with U, the card keyed on the provider's page, and U again."""
    call.ring()
    desk = call.desk
    pause_recording(call, "m")
    desk.press("m")
    desk.confirm("[data-key=m]")
    desk.page.locator(".rail-story .acts [data-key=m]").wait_for()
    # The panel leaves its own M a moment later.
    expect(desk.page.locator("#pay-panel [data-key=m]")).to_have_count(0)
    call.look("card to be keyed")
    desk.follow_rail(euros(acting.OWED))
    with desk.page.expect_popup() as opened:
        desk.press("m")
    _key_card(opened.value)
    desk.told_at(euros(acting.OWED))
    desk.press("u")
    expect(desk.page.locator(".call .recording.on")).to_be_visible()
    call.end()


def keypad(call: Call) -> None:
    """U, D, Enter; the customer keys the card on the phone; D charges it."""
    call.ring()
    desk = call.desk
    pause_recording(call, "d")
    desk.press("d")
    desk.confirm("[data-key=d]")
    page = wait_for(lambda: _keypad_of(call))
    address = f"{call.shop.house.sandbox_address}/keypad/{page}"
    for sentence, digits in KEYED:
        desk.page.locator(".rail-story", has_text=sentence).wait_for()
        call.shop.web.post(address, data={"key": f"{digits}#"})
    desk.page.locator(".rail-story .acts .primary[data-key=d]").wait_for()
    call.look("keyed on the phone")
    desk.follow_rail(euros(acting.OWED))
    desk.press("d")
    desk.told_at(euros(acting.OWED))
    call.end()


def transfer(call: Call) -> None:
    """B, Enter: the reference is read out, and the invoices wait."""
    call.ring()
    desk = call.desk
    desk.press("b")
    desk.page.locator("#pay-way .primary:focus").wait_for()
    call.look("reference")
    desk.keys.press("Enter")
    expect(desk.page.locator("#pay-way .tag.wait")).to_be_visible()
    expect(desk.page.locator(".items .tag.wait")).to_have_count(2)
    call.end()


def promise(call: Call) -> None:
    """P, a day, Enter."""
    call.ring()
    desk = call.desk
    with desk.keys.counting() as count:
        desk.press("p")
        desk.page.locator("#way-day:focus").wait_for()
        desk.keys.press("Enter")
    expect(desk.page.locator(".promises .tag.wait")).to_contain_text(euros(acting.OWED))
    call.note(Figure.PROMISE_KEYS, count.keys)
    call.look("promised")
    call.end()


def pause_recording(call: Call, key: str) -> None:
    """U, and wait until the way to pay that needs it is offered."""
    call.desk.press("u")
    expect(call.desk.page.locator(".call .recording.paused")).to_be_visible()
    call.desk.page.locator(f"[data-key={key}]:enabled").wait_for()


def _key_card(page: Page) -> None:
    """Key the card as the customer reads it out: by Tab and digits, too."""
    page.locator("#card").wait_for()
    for _ in range(10):
        if page.locator("#card:focus").count():
            break
        page.keyboard.press("Tab")
    page.keyboard.type(world.GOOD)
    page.keyboard.press("Enter")
    # A page that is closed while its form is on its way has sent nothing.
    page.locator("#card").wait_for(state="detached")
    page.close()


def _keypad_of(call: Call) -> str:
    """The page of the customer's phone, once the provider listens to it."""
    if not call.intents():
        return ""
    attempts = call.stage.read(
        "SELECT a.public_id FROM payments_paymentattempt a"
        " JOIN payments_paymentintent i ON i.id = a.intent_id WHERE i.public_id = %s",
        call.intent()["id"],
    )
    for (attempt,) in attempts:
        address = f"{call.shop.house.sandbox_address}/_keypads"
        found = call.shop.web.get(address, params={"our_id": attempt})
        if found.is_success and found.json()["keypad"]:
            return str(found.json()["keypad"])
    return ""


def instalments(call: Call) -> None:
    """I, how many parts, Enter."""
    call.ring()
    desk = call.desk
    with desk.keys.counting() as count:
        desk.press("i")
        desk.page.locator("#plan-parts:focus").wait_for()
        desk.keys.press("6")
        expect(desk.page.locator("#plan-preview li")).to_have_count(6)
        call.look("preview")
        desk.keys.press("Enter")
        expect(desk.page.locator("#pay-way .tag.wait")).to_contain_text(euros(acting.OWED))
    call.note(Figure.PLAN_KEYS, count.keys)
    expect(desk.page.locator(".promises .tag.wait")).to_be_visible()
    call.end()


def terminal(call: Call) -> None:
    """T, Enter; the customer inserts the card and types the PIN at the counter."""
    call.ring()
    desk = call.desk
    desk.press("t")
    reader = desk.page.locator("#way-terminal option:checked").inner_text()
    call.look("terminal")
    desk.confirm("#pay-way .primary")
    desk.follow_rail(euros(acting.OWED))
    _insert_card(call, reader)
    desk.told_at(euros(acting.OWED))
    call.end()


def _insert_card(call: Call, label: str) -> None:
    """Touch the reader until it stands ready again, as its customer would."""
    [(reader,)] = call.stage.read(
        "SELECT reference FROM payments_terminal WHERE label = %s", label.partition(" · ")[0]
    )
    address = f"{call.shop.house.sandbox_address}/terminal/{reader}"
    for sign, touch in (("Insert a card", {"card": world.GOOD}), ("PIN, OK", {"pin": "yes"})):
        wait_for(partial(_shows, call, address, sign))
        call.shop.web.post(address, data=touch)


def _shows(call: Call, address: str, sign: str) -> bool:
    return sign in call.shop.web.get(address).text
