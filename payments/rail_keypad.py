"""A card that the customer keys on the phone, told field by field. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from payments.rail_parts import Act, Field, Rail, Tag
from payments.rail_steps import FAIL, NEXT, NOW, Step

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from payments.keypads.progress import FieldProgress
    from payments.rail_steps import KeypadStory, Story

LABELS: dict[str, StrOrPromise] = {
    "card_number": gettext_lazy("Card number"),
    "expiry": gettext_lazy("Month and year"),
    "security_code": gettext_lazy("Security code"),
    "postal_code": gettext_lazy("Postal code"),
}
SAY: dict[str, StrOrPromise] = {
    "card_number": gettext_lazy(
        "Please key your card number on your phone, then hash. I do not hear the digits."
    ),
    "expiry": gettext_lazy(
        "Now the month and the year of the card, four digits in all, then hash."
    ),
    "security_code": gettext_lazy("Now the three digits on the back of the card, then hash."),
    "postal_code": gettext_lazy("Now your postal code, then hash."),
}
SAY_AGAIN: dict[str, StrOrPromise] = {
    "card_number": gettext_lazy("That was not right yet. Please key the card number once more."),
    "expiry": gettext_lazy("That was not right yet. Please key the month and the year once more."),
    "security_code": gettext_lazy(
        "That was not right yet. Please key the security code once more."
    ),
    "postal_code": gettext_lazy("That was not right yet. Please key the postal code once more."),
}


def keypad_scene(story: Story, keypad: KeypadStory, amount: str) -> Rail:
    """What the customer keys now, what comes, and what the agent can say and do."""
    cancel = (Act.CANCEL,)
    if keypad.is_charging:
        say = _("The payment is being confirmed. It takes a moment; I’ll stay on the line.")
        return Rail(story.then(_("Confirming with the bank…"), _("Paid")), say=say)
    if keypad.is_off:
        off = story.then(_("The keypad is off. Nothing was charged"))
        return Rail(off, say=_("Shall we try the keypad once more?"), acts=(Act.KEYPAD, *cancel))
    progress = keypad.progress
    if not any(one.is_asked or one.is_entered or one.mistakes for one in progress.fields):
        say = _("You can key your card on your phone in a moment. I do not hear the digits.")
        return Rail(
            story.then(_("Reaching the customer’s phone…"), _("Paid")), say=say, acts=cancel
        )
    names = [
        one.name
        for one in reversed(progress.fields)
        if not one.is_asked and (one.is_entered or one.mistakes)
    ]
    again = tuple(
        Field(name, str(LABELS[name]), "" if place else "r") for place, name in enumerate(names)
    )
    asked = (Act.KEYPAD_AGAIN,) if again else ()
    steps = (*story.steps, *(_line(one) for one in progress.fields))
    if progress.is_complete:
        say = _("Thank you, that is all. May I charge %(amount)s to your card?")
        now = Step(_("Charge %(amount)s") % {"amount": amount}, NOW)
        acts = (Act.KEYPAD_CHARGE, *asked, *cancel)
        done = (*steps, now, Step(_("Paid"), NEXT))
        tags = (Tag(_("Nothing was charged"), FAIL),) if keypad.was_refused else ()
        return Rail(done, tags, say=say % {"amount": amount}, acts=acts, fields=again)
    words = _words(progress.current or progress.stuck)
    done = (*steps, Step(_("Paid"), NEXT))
    return Rail(done, say=words, acts=(*asked, *cancel), fields=again)


def _line(one: FieldProgress) -> Step:
    """One field: entered, being keyed with so many digits, wrong, or still to come."""
    label = str(LABELS[one.name])
    if one.is_entered:
        return Step(label)
    if one.is_asked and one.digits:
        words = ngettext("%(field)s: %(count)s digit", "%(field)s: %(count)s digits", one.digits)
        return Step(words % {"field": label, "count": one.digits}, NOW)
    if one.is_asked:
        return Step(_("%(field)s: waiting for the keypad…") % {"field": label}, NOW)
    if one.mistakes:
        return Step(_("%(field)s: needs to be keyed again") % {"field": label}, NOW, FAIL)
    return Step(label, NEXT)


def _words(one: FieldProgress | None) -> str:
    if one is None:
        return ""
    return str((SAY_AGAIN if one.mistakes else SAY)[one.name])
