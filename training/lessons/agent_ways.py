"""Lessons for who serves customers: a card that is kept, a card that is keyed, a promise."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.policy import Permission
from training.lessons.base import Beat, Card, Check, Lesson, has_link
from training.lessons.shared import all_paid, over, ring, says, thanks, wrapped

if TYPE_CHECKING:
    from training.facts import Facts

WEEK = timedelta(days=7)


def _has_charge(facts: Facts) -> bool:
    return any(one.saved_method_id is not None for one in facts.attempts)


SAVED = Lesson(
    key="saved",
    title=_("A card kept with consent"),
    task=_(
        "The customer keeps the card on the pay page. Then charge the second bill from it: press S."
    ),
    permission=Permission.TAKE_PAYMENT,
    owes=3_900,
    beats=(
        ring(),
        says(_("Hello, %(name)s. Send me a link for the bill of %(amount)s, please.")),
        Beat(
            has_link,
            _("I tick that you may keep my card, so the next bill is easier."),
            act=lambda stage: stage.pay(Card.GOOD, keeps=True),
            after_s=4,
        ),
        Beat(
            lambda facts: bool(facts.methods) and facts.is_paid,
            act=lambda stage: stage.bill(1_000),
            after_s=2,
        ),
        Beat(
            lambda facts: True,
            _("A second bill has just come. Please charge it from the card that you keep now."),
        ),
        Beat(
            lambda facts: _has_charge(facts) and len(facts.paid) > 1,
            _("That was quick. Thank you, goodbye."),
            after_s=2,
        ),
        Beat(lambda facts: True, act=lambda stage: stage.hang_up(), after_s=3),
    ),
    checks=(
        Check(
            "kept",
            20,
            _("The card is kept, and the consent is on record."),
            _(
                "Only the customer can allow it: they tick it on the pay page when they pay the"
                " first bill."
            ),
            lambda facts: bool(facts.methods),
        ),
        Check(
            "charged",
            40,
            _("The second bill was charged from the kept card."),
            _(
                "Open the customer again when the bill has come, read the sentence, and press S"
                " and Enter."
            ),
            lambda facts: _has_charge(facts) and len(facts.paid) > 1,
        ),
        Check(
            "one_link",
            20,
            _("No second link was sent."),
            _("Who lets a card be kept need not type it again: a saved card is three keys."),
            lambda facts: len(facts.links) == 1,
        ),
        wrapped("paid"),
    ),
    is_over=over,
)


def _keyed_pages(facts: Facts) -> list[object]:
    return [one for one in facts.links if one.kind == "keyed" and one.opened_at]


def _was_covered(facts: Facts) -> bool:
    """Whether each page on which the card was keyed stood open off the record."""
    spans = [
        (one.opened_at, one.ended_at or facts.now)
        for one in facts.links
        if one.kind == "keyed" and one.opened_at
    ]
    return bool(spans) and not any(facts.recorded_while(*span) for span in spans)


KEYED = Lesson(
    key="keyed",
    help="pay",
    title=_("A card keyed while the recording is paused"),
    task=_(
        "The customer has no way to open a link. Pause the recording with U, key the card on the"
        " provider’s page (M), and record again."
    ),
    permission=Permission.KEY_CARD,
    owes=4_200,
    beats=(
        ring(),
        says(
            _(
                "Hello, %(name)s. I have only this old telephone. Take the %(amount)s from my card:"
                " it is the first on the list of test cards."
            )
        ),
        Beat(
            lambda facts: bool(_keyed_pages(facts)),
            _("Yes, the first one. Have you got it?"),
            after_s=2,
        ),
        *thanks(_("Good, thank you. Goodbye.")),
    ),
    checks=(
        Check(
            "paused",
            50,
            _("The recording was paused the whole time that the card was keyed."),
            _(
                "Press U before you open the page, and again only when it is closed: what is on a"
                " recording cannot be taken back."
            ),
            _was_covered,
        ),
        all_paid(30),
        wrapped("paid"),
    ),
    is_over=over,
)

PROMISE = Lesson(
    key="promise",
    help="promise",
    title=_("A promise to pay"),
    task=_("The customer cannot pay today. Write down a promise (P) for a day within a week."),
    permission=Permission.ARRANGE_PAYMENT,
    owes=9_900,
    beats=(
        ring(),
        says(_("Hello, %(name)s. I owe you %(amount)s, but my wages come only in a few days.")),
        Beat(
            lambda facts: bool(facts.promises),
            _("By that day, yes. I promise. Goodbye!"),
            after_s=3,
        ),
        Beat(lambda facts: True, act=lambda stage: stage.hang_up(), after_s=3),
    ),
    checks=(
        Check(
            "promised",
            40,
            _("A promise for all of it is open."),
            _(
                "Press P, take the day that the customer names, and Enter: reminders then wait"
                " for it."
            ),
            lambda facts: any(
                one.amount == facts.money.minor and one.withdrawn_at is None
                for one in facts.promises
            ),
        ),
        Check(
            "soon",
            20,
            _("It is due within a week."),
            _("A near day is kept more often than a far one: ask what is possible this week."),
            lambda facts: any(
                one.due_on <= (facts.started_at + WEEK).date() for one in facts.promises
            ),
        ),
        Check(
            "nothing_sent",
            20,
            _("No link was pressed on somebody who cannot pay."),
            _("Listen first: who cannot pay today needs a day, not a link."),
            lambda facts: not facts.intents,
        ),
        wrapped("promised"),
    ),
    is_over=over,
)

LESSONS = (SAVED, KEYED, PROMISE)
