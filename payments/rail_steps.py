"""The steps of the rail, read from a payment's events in the order of time. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from payments.method_names import is_brand, noun_of
from payments.rail_story import (
    DONE,
    FAIL,
    NEXT,
    NOW,
    PAID,
    UNKNOWN,
    WAIT,
    KeypadStory,
    Message,
    Said,
    Step,
    Story,
)
from payments.rail_tellers import TELLERS
from payments.rail_words import SENT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.money import Money

__all__ = [
    "DONE",
    "FAIL",
    "NEXT",
    "NOW",
    "PAID",
    "UNKNOWN",
    "WAIT",
    "KeypadStory",
    "Said",
    "Step",
    "Story",
    "read",
]


OVER = frozenset({"canceled", "declined", "expired", "not_executed"})


def read(said: Sequence[Said], write: Callable[[Money], str]) -> Story:
    """Read the events into lines. Only the newest link is told step by step."""
    newest = _newest_link(said)
    story = Story()
    for event in said:
        if event.kind == "session" and event.subject == newest:
            _tell_link(story, event)
        elif event.kind in {"decline", "attempt", "intent"}:
            _tell_off(story, event)
            _tell_try(story, event)
        elif event.kind in {"capture", "refund", "dispute"}:
            _tell_money(story, event, write)
        elif event.kind == "approval":
            _tell_approval(story, event, write)
        elif event.kind == "decision":
            _tell_decision(story, event)
        elif event.kind == "move":
            _tell_move(story, event, write)
    return story


def _newest_link(said: Sequence[Said]) -> str:
    opened = [
        event.subject for event in said if (event.kind, event.status) == ("session", "created")
    ]
    return opened[-1] if opened else ""


def _tell_link(story: Story, event: Said) -> None:
    if event.status in SENT["sms"]:
        _tell_message(story, event)
        return
    story.is_over = event.status in {"closed", "expired", "hung_up"}
    if tell := TELLERS.get(str(event.detail.get("kind", ""))):
        tell(story, event)
    elif event.status == "created":
        story.add(_("Link created"), event.at)
        story.begin()
    elif event.status == "opened":
        story.is_opened = True
        story.add(_("Opened"), event.at)
    elif event.status == "method_chosen":
        method = str(event.detail.get("method", ""))
        story.method, story.is_app = noun_of(method), is_brand(method)
        story.is_opened, story.was_declined = True, False
        story.add(_("Chose %(method)s") % {"method": story.method}, event.at)
    elif event.status == "closed":
        story.add(_("Link closed"), event.at)
    elif event.status == "expired":
        story.add(_("Link expired"), event.at)


def _tell_message(story: Story, event: Said) -> None:
    """A message has one line; later news of the same message replaces its words."""
    channel = str(event.detail.get("channel", "")) or "sms"
    if event.status == "queued":
        story.messages.append(Message(len(story.steps), channel))
        story.add(str(SENT[channel]["queued"]), event.at)
        return
    message = _message_of(story, str(event.detail.get("message", "")))
    if message is None:
        return
    message.status = event.status
    story.trouble = str(event.detail.get("error", ""))
    tone = FAIL if event.status == "failed" else UNKNOWN if event.status == "unknown" else ""
    words = str(SENT[message.channel][event.status])
    story.steps[message.place] = Step(words, DONE, tone, event.at)


def _message_of(story: Story, public_id: str) -> Message | None:
    """The message with that id; the first news of one names the oldest that has no id yet."""
    known = next((one for one in story.messages if one.public_id == public_id), None)
    message = known or next((one for one in story.messages if not one.public_id), None)
    if message is not None:
        message.public_id = public_id
    return message


def _tell_off(story: Story, event: Said) -> None:
    """A try that is over leaves keypad and terminal free, and has no page any more."""
    if event.kind != "attempt" or event.status not in OVER:
        return
    story.page = "gone"
    if story.keypad is not None:
        story.keypad.is_off = True
    if story.terminal:
        story.terminal = "off"


def _tell_try(story: Story, event: Said) -> None:
    if event.kind == "decline" or (event.kind, event.status) == ("attempt", "declined"):
        if not story.was_declined:
            story.add(_("The bank refused"), event.at, FAIL)
        story.was_declined = True
    elif (event.kind, event.status) == ("attempt", "pending"):
        story.page = "ready"
    elif (event.kind, event.status) == ("attempt", "authorised"):
        story.was_declined = False
        story.add(_("Confirmed"), event.at)
    elif (event.kind, event.status) == ("attempt", "not_executed"):
        story.add(_("The payment service did not answer. Nothing was charged"), event.at)
    elif (event.kind, event.status) == ("intent", "canceled"):
        story.add(_("Payment cancelled"), event.at)


def _tell_money(story: Story, event: Said, write: Callable[[Money], str]) -> None:
    words = {"amount": write(event.money) if event.money is not None else ""}
    lines = {
        ("capture", "succeeded"): (_("Paid %(amount)s"), PAID),
        ("capture", "failed"): (_("The payment was taken back by the bank"), FAIL),
        ("refund", "pending"): (_("Refund of %(amount)s on its way"), WAIT),
        ("refund", "unknown"): (_("Refund without an answer yet"), UNKNOWN),
        ("refund", "succeeded"): (_("Refunded %(amount)s"), PAID),
        ("refund", "failed"): (_("Refund of %(amount)s failed"), FAIL),
        ("dispute", "needs_response"): (_("The customer’s bank disputes %(amount)s"), FAIL),
        ("dispute", "lost"): (_("Dispute lost: %(amount)s"), FAIL),
        ("dispute", "won"): (_("Dispute won: %(amount)s"), PAID),
    }
    line = lines.get((event.kind, event.status))
    if line is None:
        return
    text, tone = line
    story.has_returned = story.has_returned or event.kind != "capture"
    story.was_declined = False
    story.add(text % words, event.at, tone)


def _tell_approval(story: Story, event: Said, write: Callable[[Money], str]) -> None:
    """Who asked a second person, and who decided what."""
    amount = write(event.money) if event.money is not None else ""
    words = {"amount": amount, "name": event.actor}
    lines = {
        "asked": (_("Refund of %(amount)s asked for by %(name)s"), ""),
        "approved": (_("Refund of %(amount)s approved by %(name)s"), ""),
        "refused": (_("Refund of %(amount)s refused by %(name)s"), FAIL),
        "withdrawn": (_("Refund of %(amount)s withdrawn by %(name)s"), ""),
    }
    text, tone = lines[event.status]
    story.has_returned = True
    story.add(text % words, event.at, tone)


def _tell_decision(story: Story, event: Said) -> None:
    """Who found out what became of a request without an answer, and who decided about it."""
    words = {"name": event.actor}
    found = (
        _("No answer came; found carried out by %(name)s")
        if event.detail.get("outcome") == "carried_out"
        else _("No answer came; found not carried out by %(name)s")
    )
    lines = {
        "asked": (found, ""),
        "approved": (_("Approved by %(name)s"), ""),
        "refused": (_("Refused by %(name)s; it stays unknown"), FAIL),
        "withdrawn": (_("Taken back by %(name)s; it stays unknown"), ""),
    }
    text, tone = lines[event.status]
    story.add(text % words, event.at, tone)


def _tell_move(story: Story, event: Said, write: Callable[[Money], str]) -> None:
    """What became of money that was on no invoice."""
    amount = write(event.money) if event.money is not None else ""
    number = str(event.detail.get("invoice", ""))
    words = {"amount": amount, "invoice": number, "name": event.actor}
    lines = {
        "asked": (_("Moving %(amount)s to invoice %(invoice)s asked for by %(name)s"), WAIT),
        "moved": (_("%(amount)s moved to invoice %(invoice)s"), PAID),
        "approved": (_("%(amount)s moved to invoice %(invoice)s, approved by %(name)s"), PAID),
        "refused": (_("Moving %(amount)s to invoice %(invoice)s refused by %(name)s"), FAIL),
        "withdrawn": (_("Moving %(amount)s to invoice %(invoice)s withdrawn"), ""),
        "taken_back": (_("%(amount)s taken back from invoice %(invoice)s"), ""),
    }
    text, tone = lines[event.status]
    story.add(text % words, event.at, tone)
