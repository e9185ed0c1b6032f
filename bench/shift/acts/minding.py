"""What else a shift brings: a tab that dies, six that are open, two agents, a call-back."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from playwright.sync_api import Error, expect

from bench.shift.call import euros, pay_from_elsewhere
from bench.shift.figures import Figure
from tests.browser import acting
from tests.browser.shop import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from bench.shift.call import Call

NOTE = "Moves in March; wants the router at the new address before that."
# What is typed is kept at the latest so long after the last letter.
KEPT_AFTER_MS = 1_000
TABS = 6
VIEWS = ("orders/", "timeline/", "notes/", "pay/", "timeline/")


def killed_tab(call: Call) -> None:
    """The tab dies while the note is written: in the next one it goes on where it was."""
    call.ring()
    desk = call.desk
    desk.hang_up()
    desk.tab_to("#wrap-up-note", backwards=True)
    desk.keys.press("Control+a")
    desk.keys.type(NOTE)
    desk.page.wait_for_timeout(KEPT_AFTER_MS)
    dead = desk.page
    with suppress(Error):
        dead.goto("chrome://crash")
    desk.open()
    dead.close()
    note = desk.page.locator("#wrap-up-note")
    note.wait_for()
    call.note(Figure.NOTES_LOST, note.input_value() != NOTE)
    call.look("after the crash")
    desk.save_wrap_up()


def six_tabs(call: Call) -> None:
    """Six tabs of one agent show the same payment: one stream brings the news to all."""
    call.ring()
    desk = call.desk
    address = call.send_link()
    more = [desk.context.new_page() for _ in VIEWS]
    for page, view in zip(more, VIEWS, strict=True):
        page.goto(f"{call.caller.page}{view}")
        page.locator(".rail-story").wait_for()
    desk.follow_rail(euros(acting.OWED))
    pay_from_elsewhere(call, address)
    deaf = [page.url for page in (desk.page, *more) if not _hears(page)]
    call.note(Figure.TABS_DEAF, len(deaf))
    call.note(Figure.STREAMS, desk.open_streams())
    for page in more:
        page.close()
    assert not deaf, deaf
    call.see_paid()
    call.end()


def two_agents(call: Call) -> None:
    """A colleague has the same customer open and asks for the same: there is one payment."""
    call.ring()
    other = call.stage.desk("senior")
    other.page.goto(f"{call.caller.page}pay/")
    other.page.locator("[data-key=l]").wait_for()
    address = call.send_link()
    acting.wait_for_step(other.page, "")
    if other.page.locator("[data-key=l]:visible").count():
        other.press("l")
        other.confirm("[data-key=l]")
    wait_for(lambda: len(call.intents()) == 1)
    call.look("two agents")
    call.desk.follow_rail(euros(acting.OWED))
    pay_from_elsewhere(call, address)
    acting.wait_for_step(other.page, euros(acting.OWED))
    call.see_paid()
    assert len(call.intents()) == 1, call.intents()
    call.end()


def call_back(call: Call) -> None:
    """Not now: V writes a call-back down, and the customer's page shows it."""
    call.ring()
    desk = call.desk
    desk.page.locator("#customer-tasks p").wait_for()
    desk.press("v")
    desk.page.locator("#id_text").wait_for()
    if not desk.page.locator("#id_text:focus").count():
        desk.tab_to("#id_text")
    desk.keys.type("Router")
    desk.tab_to("form.form button.primary")
    desk.keys.press("Enter")
    desk.page.wait_for_url(f"**{call.caller.page}")
    expect(desk.page.locator("#customer-tasks .task")).to_have_count(1)
    call.look("to be called back")
    call.end()


def question_only(call: Call) -> None:
    """Nothing is paid. Enter saves what the wrap-up proposes."""
    call.is_ordinary = True
    call.ring()
    call.desk.page.wait_for_load_state("networkidle")
    call.end()


def _hears(page: Page) -> bool:
    try:
        acting.wait_for_step(page, euros(acting.OWED))
    except Error:
        return False
    return True
