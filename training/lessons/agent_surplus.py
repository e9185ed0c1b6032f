"""A lesson for who serves customers: one bill that was paid twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.policy import Permission
from training.lessons.base import Beat, Check, Lesson
from training.lessons.shared import over, ring, says, wrapped

if TYPE_CHECKING:
    from training.facts import Facts

STANDING_MOVES = {"moved", "awaiting_approval"}
REFUNDS_UNDER_WAY = {"awaiting_approval", "requested", "unknown", "pending"}
STANDING_REFUNDS = {*REFUNDS_UNDER_WAY, "succeeded"}


def _moved(facts: Facts) -> int:
    """What was put on another bill, or waits to be (minor units)."""
    return sum(one.amount for one in facts.moves if one.status in STANDING_MOVES)


def _given_back(facts: Facts) -> int:
    """What goes back to the customer (minor units)."""
    return sum(one.amount for one in facts.refunds if one.status in STANDING_REFUNDS)


def _is_put_right(facts: Facts) -> bool:
    """Whether nothing is free any more that is not on its way back.

    Money that was given back of the payment that stands on the bill leaves the other one free.
    """
    under_way = {one.pk: 0 for one in facts.prepared}
    for refund in facts.refunds:
        if refund.status in REFUNDS_UNDER_WAY:
            under_way[refund.capture.attempt.intent_id] += refund.amount
    left = [one.surplus - under_way[one.pk] for one in facts.prepared]
    return bool(_moved(facts) + _given_back(facts)) and max(left, default=0) <= 0


PAID_TWICE = Lesson(
    key="paid_twice",
    help="surplus",
    title=_("One bill that was paid twice"),
    task=_(
        "The customer paid one bill twice. Open the payment that has a surplus, and put it on the"
        " open bill (Z) or give it back (F)."
    ),
    permission=Permission.TAKE_PAYMENT,
    owes=5_400,
    beats=(
        Beat(lambda facts: True, act=lambda stage: stage.buy(times=2)),
        Beat(lambda facts: facts.is_set_up, act=ring().act),
        says(
            _(
                "Hello, %(name)s. I think I paid the router twice, %(amount)s each time. Can you"
                " use the second one for my other bill, or send it back?"
            )
        ),
        Beat(_is_put_right, _("So that is settled. Thank you, goodbye."), after_s=4),
        Beat(lambda facts: True, act=lambda stage: stage.hang_up(), after_s=3),
    ),
    checks=(
        Check(
            "put_right",
            50,
            _("What was paid too much pays the other bill, or goes back."),
            _(
                "Look for “Surplus” among the figures of the customer’s payments: that payment is"
                " the one to press Z or F at."
            ),
            _is_put_right,
        ),
        Check(
            "no_more",
            30,
            _("Just what was paid too much was touched, and nothing else."),
            _("The first payment is right: leave it on its bill, and move the surplus alone."),
            lambda facts: _moved(facts) + _given_back(facts) == facts.money.minor,
        ),
        wrapped("paid", "refunded"),
    ),
    is_over=over,
)

LESSONS = (PAID_TWICE,)
