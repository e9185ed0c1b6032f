"""Lessons for who serves customers: money back, somebody unknown, and calling back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core import policy
from core.policy import Permission
from crm.spelling import fold
from training.lessons.base import Beat, Card, Check, Lesson, has_link
from training.lessons.shared import over, ring, says, wrapped
from training.models import CURRENCY

if TYPE_CHECKING:
    from core.models import User
    from training.facts import Facts

STRANGER = "Tuula Testaaja"
ABOVE = 5_000
"""So much more than the limit is asked back (minor units)."""

REFUND = Lesson(
    key="refund",
    help="refund",
    title=_("Money back within your limit"),
    task=_(
        "The customer gave the goods back. Refund (F) just the amount that is named, with a reason."
    ),
    permission=Permission.TAKE_PAYMENT,
    asks=lambda user: 2_000,
    beats=(
        Beat(lambda facts: True, act=lambda stage: stage.buy(6_000)),
        Beat(lambda facts: facts.is_set_up, act=lambda stage: stage.ring()),
        says(
            _(
                "Hello, %(name)s. I sent a cable back that cost %(amount)s. When do I get that"
                " money?"
            )
        ),
        Beat(
            lambda facts: bool(facts.refunds),
            _("So it goes back to my card. Thank you, goodbye."),
            after_s=4,
        ),
        Beat(lambda facts: True, act=lambda stage: stage.hang_up(), after_s=3),
    ),
    checks=(
        Check(
            "right_amount",
            50,
            _("Just what was asked for went back, once."),
            _(
                "Press F and type the amount that the customer named: the field begins with all"
                " of it."
            ),
            lambda facts: [one.amount for one in facts.refunds] == [facts.money.minor],
        ),
        Check(
            "went",
            30,
            _("The refund was sent at once."),
            _("Within your limit no second person is needed: it is sent when you press Enter."),
            lambda facts: any(one.status in {"pending", "succeeded"} for one in facts.refunds),
        ),
        wrapped("refunded"),
    ),
    is_over=over,
)


def _above_limit(user: User) -> int:
    """A little more than the person may refund alone (minor units)."""
    return policy.refund_limit(user, CURRENCY).at_once.minor + ABOVE


REFUND_ABOVE = Lesson(
    key="refund_above",
    help="refund",
    title=_("Money back above your limit"),
    task=_(
        "The amount is above your limit. Ask for it in one piece, and tell the customer that a"
        " second person looks at it."
    ),
    permission=Permission.TAKE_PAYMENT,
    asks=_above_limit,
    beats=(
        Beat(lambda facts: True, act=lambda stage: stage.buy(10_000)),
        Beat(lambda facts: facts.is_set_up, act=lambda stage: stage.ring()),
        says(_("Hello, %(name)s. I returned the whole equipment. You owe me %(amount)s back.")),
        Beat(
            lambda facts: bool(facts.refunds),
            _("A second person has to look at it? All right, I wait for your message."),
            after_s=4,
        ),
        Beat(lambda facts: True, act=lambda stage: stage.hang_up(), after_s=3),
    ),
    checks=(
        Check(
            "one_piece",
            50,
            _("It was asked for in one piece, and waits for a second person."),
            _("Never split a refund to stay below the limit: ask for all of it, and let it wait."),
            lambda facts: (
                [one.amount for one in facts.refunds] == [facts.money.minor]
                and bool(facts.refunds[0].above_limit)
            ),
        ),
        Check(
            "not_withdrawn",
            30,
            _("The request was left for the second person to decide."),
            _("Who asked may only withdraw it: leave it where it waits."),
            lambda facts: any(one.status == "awaiting_approval" for one in facts.refunds),
        ),
        wrapped("refunded"),
    ),
    is_over=over,
)


def _named(facts: Facts) -> bool:
    who = facts.call.customer if facts.call else None
    return who is not None and who.created_at >= facts.started_at


STRANGER_CALLS = Lesson(
    key="stranger",
    help="call",
    title=_("Somebody whom nobody knows"),
    task=_(
        "Nobody has this number. Create the customer from the call (C), and send a link for the"
        " 30 euros."
    ),
    permission=Permission.TAKE_PAYMENT,
    has_customer=False,
    beats=(
        Beat(lambda facts: True, act=lambda stage: stage.ring_unknown()),
        says(
            _(
                "Good day, my name is Tuula Testaaja. I am not your customer yet, and would like to"
                " pay 30 euros in advance."
            )
        ),
        Beat(_named, _("Yes, Testaaja, with two a in the middle."), after_s=2),
        Beat(has_link, _("The link has come."), act=lambda stage: stage.open_page(), after_s=3),
        Beat(has_link, act=lambda stage: stage.pay(Card.GOOD), after_s=3),
        Beat(lambda facts: bool(facts.paid), _("Paid. Thank you, goodbye!"), after_s=3),
        Beat(lambda facts: True, act=lambda stage: stage.hang_up(), after_s=3),
    ),
    checks=(
        Check(
            "created",
            30,
            _("The caller was written down from the call, with the number."),
            _(
                "Press C while the call is there: the number comes along, and the call gets its"
                " name."
            ),
            _named,
        ),
        Check(
            "spelt",
            10,
            _("The name is spelt as the customer says it."),
            _("Repeat the name and spell it back before you save."),
            lambda facts: _named(facts) and fold(facts.call.customer.name) == fold(STRANGER),  # type: ignore[union-attr]
        ),
        Check(
            "in_advance",
            40,
            _("The 30 euros were paid in advance."),
            _("Type 30 into the amount (A) and send the link: without a bill it is a prepayment."),
            lambda facts: sum(one.captured for one in facts.paid) == 3_000,  # noqa: PLR2004
        ),
        wrapped("paid"),
    ),
    is_over=over,
)


def _call_backs(facts: Facts) -> bool:
    return any(one.kind == "call_back" and one.due_at > facts.started_at for one in facts.tasks)


WRAP_UP = Lesson(
    key="wrap_up",
    help="call",
    title=_("A call to be called back"),
    task=_(
        "The customer asks what you cannot answer now. When the call ends, wrap it up with a note"
        " and a call-back."
    ),
    permission=Permission.TAKE_PAYMENT,
    owes=2_500,
    beats=(
        ring(),
        says(
            _(
                "Hello, %(name)s. Why is my bill %(amount)s this month? You need to look it up?"
                " Then"
                " call me back tomorrow, please."
            )
        ),
        Beat(lambda facts: True, _("Good, until tomorrow. Goodbye."), after_s=8),
        Beat(lambda facts: True, act=lambda stage: stage.hang_up(), after_s=4),
    ),
    checks=(
        wrapped("call_back", points=40),
        Check(
            "call_back",
            40,
            _("A call-back is on somebody’s list."),
            _("Choose a time beside “Call back” in the wrap-up: it becomes a task of yours."),
            _call_backs,
        ),
        Check(
            "note",
            20,
            _("A note says what the customer wants to know."),
            _("Write one line for whoever calls back: what was asked, and what you found so far."),
            lambda facts: facts.wrap_up is not None and len(facts.wrap_up.note.strip()) > 10,  # noqa: PLR2004
        ),
    ),
    is_over=over,
)

LESSONS = (REFUND, REFUND_ABOVE, STRANGER_CALLS, WRAP_UP)
