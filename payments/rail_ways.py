"""Scenes of ways to pay that need no link: a transfer, a keyed card, a keypad. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from payments.rail_keypad import keypad_scene
from payments.rail_parts import Act, Rail

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.money import Money
    from payments.rail_steps import Story


def tell(story: Story, amount: Money, write: Callable[[Money], str]) -> Rail | None:
    """The scene of the way that is open; None where it is a link."""
    if story.keypad is not None:
        return keypad_scene(story, story.keypad, write(amount))
    if story.terminal:
        return _terminal(story)
    if story.is_keyed:
        return _keyed(story)
    return _transfer(story) if story.is_bank else None


def _terminal(story: Story) -> Rail:
    """What the customer does at the terminal now."""
    now, say = {
        "reaching": (_("Reaching the terminal…"), _("The amount comes to the terminal now.")),
        "waits_for_card": (
            _("The terminal waits for a card…"),
            _("Please put your card to the terminal."),
        ),
        "waits_for_pin": (
            _("The customer types the PIN…"),
            _("Please type your PIN and press OK."),
        ),
        "off": (
            _("The terminal is free. Nothing was charged"),
            _("Nothing was charged. Shall we try once more?"),
        ),
    }[story.terminal]
    return Rail(story.then(now, _("Paid")), say=say, acts=(Act.CANCEL,))


def _transfer(story: Story) -> Rail:
    say = _("You have the account and the reference. The money is here in a bank day or two.")
    now = _("Waits for a bank transfer")
    return Rail(story.then(now, _("Paid")), say=say, acts=(Act.CANCEL,))


def _keyed(story: Story) -> Rail:
    acts = (Act.CANCEL,)
    if story.page == "gone":
        return Rail(story.then(_("The card page is gone. Nothing was charged")), acts=acts)
    if story.page != "ready":
        return Rail(story.then(_("Asking for the card page…"), _("Paid")), acts=acts)
    say = _("Please read me the card number, then the date and the security code.")
    now = _("Key the card on the provider’s page")
    return Rail(story.then(now, _("Paid")), say=say, acts=(Act.CARD_PAGE, *acts))
