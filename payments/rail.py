"""The rail: a payment told as a story, with what to say and what can be done now.

Pure: it takes what was said about a payment and its figures, and reads nothing itself. It
never shows more than the facts do; what comes is written as what comes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from payments import rail_steps, rail_ways
from payments.rail_parts import Act, Figures, Hold, Link, Meaning, Rail, Tag
from payments.rail_steps import DONE, FAIL, NOW, PAID, UNKNOWN, WAIT, Said, Step
from payments.rail_words import QUESTION, REVIEW_REASONS, first_sentence, hint_after

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.money import Money

__all__ = ["Act", "Figures", "Hold", "Link", "Meaning", "Rail", "Said", "Step", "Tag", "tell"]

OPEN, CLOSING = "open", "closing"


def tell(figures: Figures, said: Sequence[Said], write: Callable[[Money], str]) -> Rail:
    """Tell the payment. `write` writes money as the reader does; `said` stands in time order."""
    story = rail_steps.read(said, write)
    scene = _scene(figures, story, write)
    steps = scene.steps
    if figures.refund_asked:
        words = _("Refund of %(amount)s asked for") % {"amount": write(figures.refund_asked)}
        steps = (*(replace(step, state=DONE) for step in steps), Step(words, NOW, WAIT))
    if figures.refund_waiting:
        words = _("Refund of %(amount)s waits for a second person")
        now = Step(words % {"amount": write(figures.refund_waiting)}, NOW, WAIT)
        steps = (*(replace(step, state=DONE) for step in steps), now)
    tags = (*scene.tags, *_tags(figures, write))
    acts = scene.acts
    if figures.surplus and not figures.is_blocked:
        acts = (*acts, Act.MOVE)
    works_until = figures.link.expires_at if figures.link and Act.CODE in scene.acts else None
    return replace(
        scene,
        steps=steps,
        tags=tags,
        notes=_notes(figures, scene),
        expires_at=works_until,
        acts=acts,
    )


def _scene(figures: Figures, story: rail_steps.Story, write: Callable[[Money], str]) -> Rail:
    """Choose what is told by the first thing that holds, as the intent's own status does."""
    if figures.is_blocked:
        return _no_answer(figures, story)
    if figures.status == "succeeded":
        return _paid(figures, story, write)
    if figures.status == "canceled":
        return Rail(story.ended(_("Payment cancelled")))
    if figures.status == "processing":
        say = _("The payment is being confirmed. It takes a moment; I’ll stay on the line.")
        return Rail(story.then(_("Confirming with the bank…"), _("Paid")), say=say)
    if figures.status == "requires_capture":
        say = _("Your bank has reserved the money. You need do nothing more.")
        return Rail(story.then(_("Reserved, to be taken"), _("Paid")), say=say, acts=(Act.CANCEL,))
    return _waiting(figures, story, write)


def _no_answer(figures: Figures, story: rail_steps.Story) -> Rail:
    return Rail(
        story.then(_("Waiting for the provider"), tone=UNKNOWN),
        tags=(Tag(_("Do not retry yet"), UNKNOWN),),
        hold=Hold(figures.resolve_at, figures.is_refund_silent),
    )


def _paid(figures: Figures, story: rail_steps.Story, write: Callable[[Money], str]) -> Rail:
    say = _("That’s it, the payment came through.")
    if figures.receipt in {"sent", "delivered"}:
        say = (
            _("That’s it, the payment came through. The receipt is in your messages.")
            if figures.receipt_channel == "sms"
            else _("That’s it, the payment came through. The receipt is in your e-mail.")
        )
    steps = story.ended("") or (Step(_("Paid %(amount)s") % {"amount": write(figures.captured)}),)
    acts = (Act.REFUND,) if figures.is_refundable else ()
    is_over = story.has_returned or bool(figures.refund_asked or figures.refund_waiting)
    return Rail(steps, say="" if is_over else say, acts=acts)


def _waiting(figures: Figures, story: rail_steps.Story, write: Callable[[Money], str]) -> Rail:
    """Something is still to be paid, and the customer is free to do it."""
    acts = _acts_while_waiting(figures)
    link = figures.link
    if link is None or link.status not in {OPEN, CLOSING}:
        return _without_link(figures, story, acts)
    if story.was_declined:
        return _declined(figures, story, acts)
    if (way := rail_ways.tell(story, figures.amount, write)) is not None:
        return way
    if story.is_undelivered:
        say = _("The message did not reach you. May I check the number or the address?")
        note = " · ".join(filter(None, [link.place, story.trouble]))
        return Rail(story.as_it_is(), notes=(note,), say=say, acts=acts)
    if figures.status == "requires_action" and story.method:
        words = {"method": story.method, "amount": write(figures.amount)}
        say = (
            _("You should see %(method)s asking for %(amount)s. I’ll stay on the line.")
            if story.is_app
            else _("You should see a page that asks for %(amount)s. I’ll stay on the line.")
        ) % words
        now = _("Paying with %(method)s…") % words
        return Rail(story.then(now, _("Paid")), say=say, acts=acts)
    return _on_the_way(figures, story, acts)


def _on_the_way(figures: Figures, story: rail_steps.Story, acts: tuple[Act, ...]) -> Rail:
    if story.is_opened:
        say = _("Choose the way to pay that suits you. I’ll stay on the line.")
        return Rail(story.then(_("Choosing how to pay…"), _("Paid")), say=say, acts=acts)
    if story.is_sending:
        is_text = figures.link is not None and figures.link.channel == "sms"
        say = (
            _("I’m sending you a text message with a link. It takes a few seconds.")
            if is_text
            else _("I’m sending you an e-mail with a link. It takes a few seconds.")
        )
        return Rail(story.as_it_is(_("Opened"), _("Paid")), say=say, acts=acts)
    say = _("Open the link in the message when it comes. I’ll stay on the line.")
    now = _("Waiting for the customer to open it…")
    return Rail(story.then(now, _("Paid")), say=say, acts=acts)


def _declined(figures: Figures, story: rail_steps.Story, acts: tuple[Act, ...]) -> Rail:
    """What happened to the money first, then why, then what to offer."""
    if story.is_keyed and story.page == "ready":
        acts = (Act.CARD_PAGE, Act.CANCEL)
    if story.keypad is not None and not story.is_over:
        acts = (Act.KEYPAD, Act.CANCEL)
    meaning = figures.meaning
    reason = first_sentence(meaning.agent) if meaning else _("The bank refused")
    tag = _("Nothing more was charged") if figures.captured else _("Nothing was charged")
    notes = (hint_after(meaning.agent),) if meaning else ()
    offers = meaning is None or meaning.offers_other_method
    question = str(QUESTION["other" if offers else "later"])
    if meaning and meaning.may_repeat:
        question = str(QUESTION["again"])
    words = f"{first_sentence(meaning.customer)}. {question}" if meaning else question
    return Rail(story.declined(reason), (Tag(tag, FAIL),), notes, words, acts=acts)


def _without_link(figures: Figures, story: rail_steps.Story, acts: tuple[Act, ...]) -> Rail:
    if story.was_declined:
        return _declined(figures, story, acts)
    if figures.captured:
        return Rail(story.ended(""), acts=acts)
    is_dead = story.is_over and not (
        story.is_keyed or story.is_bank or story.keypad or story.terminal
    )
    say = _("The link no longer works. Shall I send you a new one?") if is_dead else ""
    return Rail(story.ended(_nothing_open(story)), say=say, acts=acts)


def _nothing_open(story: rail_steps.Story) -> str:
    """What holds where no line of the story says it: a page is over before the sweep closes it."""
    if story.is_keyed:
        return _("Card page expired")
    return _("The keypad is off") if story.keypad is not None else _("No link has been sent yet")


def _acts_while_waiting(figures: Figures) -> tuple[Act, ...]:
    acts = [Act.OTHER]
    if figures.link is not None and figures.link.expires_at is not None:
        acts.append(Act.CODE)
    if figures.link is not None and figures.link.place:
        acts.insert(0, Act.RESEND)
    if figures.captured:
        return (*acts, Act.REFUND) if figures.is_refundable else tuple(acts)
    return (*acts, Act.CANCEL)


def _tags(figures: Figures, write: Callable[[Money], str]) -> list[Tag]:
    tags = []
    if figures.status == "partially_paid":
        left = write(figures.amount - figures.captured)
        tags.append(Tag(_("%(amount)s left to pay") % {"amount": left}, WAIT))
    if figures.captured and figures.receipt:
        tags.append(_receipt(figures.receipt, figures.receipt_channel))
    if figures.surplus:
        words = _("%(amount)s on no invoice yet") % {"amount": write(figures.surplus)}
        tags.append(Tag(words, WAIT))
    if figures.review_reasons:
        tags.append(Tag(_("Needs a person’s look"), FAIL))
    return tags


def _receipt(status: str, channel: str) -> Tag:
    is_text = channel == "sms"
    if status in {"sent", "delivered"}:
        words = _("Receipt sent by SMS") if is_text else _("Receipt sent by e-mail")
        return Tag(words, PAID)
    if status in {"queued", "sending"}:
        return Tag(_("Receipt on its way"), WAIT)
    return Tag(_("Receipt not delivered"), FAIL)


def _notes(figures: Figures, scene: Rail) -> tuple[str, ...]:
    reasons = (str(REVIEW_REASONS.get(reason, reason)) for reason in figures.review_reasons)
    refused = _("Refused: %(reason)s") % {"reason": figures.refusal} if figures.refusal else ""
    return tuple(note for note in (*scene.notes, refused, *reasons) if note)
