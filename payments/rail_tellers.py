"""How the steps of ways to pay that need no link are told. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from payments.keypads import progress
from payments.rail_story import KeypadStory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from payments.rail_story import Said, Story


def _tell_transfer(story: Story, event: Said) -> None:
    """A transfer that is waited for: nothing of ours is opened."""
    if event.status == "created":
        story.begin()
        story.is_bank = True
        story.add(_("Bank transfer agreed"), event.at)
    elif event.status == "closed":
        story.add(_("Not waiting for the transfer any more"), event.at)
    elif event.status == "expired":
        story.add(_("No transfer came in time"), event.at)


def _tell_card_page(story: Story, event: Said) -> None:
    """The page on which the agent keys the card; that it is for a card needs no line."""
    if event.status == "created":
        story.begin()
        story.is_keyed, story.page = True, ""
    elif event.status == "opened":
        story.is_opened = True
        story.add(_("Card page opened"), event.at)
    elif event.status == "closed":
        story.add(_("Card page closed"), event.at)
    elif event.status == "expired":
        story.add(_("Card page expired"), event.at)


def _tell_keypad(story: Story, event: Said) -> None:
    """A card that is keyed on the phone. Each new try begins with nothing keyed."""
    keypad = story.keypad
    if event.status in {"created", "started"}:
        story.begin()
        story.keypad = KeypadStory(progress.read(_fields(event), []))
    elif keypad is not None and event.status in progress.STEPS:
        name, digits = str(event.detail.get("field", "")), int(event.detail.get("digits", 0))
        progress.take(keypad.progress, (event.status, name, digits, event.code))
    elif keypad is not None and event.status in {"charging", "confirm_refused"}:
        keypad.is_charging = event.status == "charging"
        keypad.was_refused = not keypad.is_charging
    elif event.status == "hung_up":
        story.add(_("The call ended before the card was keyed"), event.at)
    elif event.status in {"closed", "expired"}:
        story.add(_("The keypad is off"), event.at)


def _tell_terminal(story: Story, event: Said) -> None:
    """A card terminal: what it waits for is told as it tells it. Each push begins anew."""
    if event.status in {"created", "started"}:
        story.begin()
        story.terminal = "reaching"
        if event.status == "started":
            name = {"terminal": event.detail.get("terminal", "")}
            story.add(_("To the terminal %(terminal)s") % name, event.at)
    elif event.status in {"waits_for_card", "waits_for_pin"}:
        story.terminal = event.status
    elif event.status in {"closed", "expired"}:
        story.add(_("Taken off the terminal"), event.at)


def _fields(event: Said) -> list[str]:
    return [str(name) for name in event.detail.get("fields", ())]


TELLERS: Mapping[str, Callable[[Story, Said], None]] = {
    "keyed": _tell_card_page,
    "bank": _tell_transfer,
    "keypad": _tell_keypad,
    "terminal": _tell_terminal,
}
