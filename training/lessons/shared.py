"""Checks and steps that several lessons have."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from training.lessons.base import Beat, Check, answered, hung_up, is_paid

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from training.facts import Facts

SOON = timedelta(seconds=60)
WRAPPED_WITHIN = timedelta(minutes=2)


def ring() -> Beat:
    """The telephone rings at once, by the customer of the lesson."""
    return Beat(lambda facts: True, act=lambda stage: stage.ring())


def thanks(says: StrOrPromise) -> tuple[Beat, ...]:
    """Once all is paid the customer hears it, thanks, and puts the telephone down."""
    return (
        Beat(is_paid, says, after_s=3),
        Beat(lambda facts: facts.is_on_line, act=lambda stage: stage.hang_up(), after_s=4),
    )


def says(text: StrOrPromise, after_s: float = 1) -> Beat:
    """What the customer says when the call is answered."""
    return Beat(answered, text, after_s=after_s)


def sent_soon(points: int = 30) -> Check:
    return Check(
        "link_soon",
        points,
        _("The link was sent within a minute of the answer."),
        _(
            "Press L and Enter as soon as you know what is to be paid: the customer waits on the"
            " line."
        ),
        lambda facts: facts.within(
            SOON, facts.answered_at, facts.links[0].created_at if facts.links else None
        ),
    )


def all_paid(points: int = 30) -> Check:
    return Check(
        "paid",
        points,
        _("All of it was paid."),
        _("Look at the rail before you let the customer go: it says when the money has come."),
        is_paid,
    )


def stayed(points: int = 20) -> Check:
    return Check(
        "stayed",
        points,
        _("The customer was on the line until it was known that the money had come."),
        _("Stay on the line until the rail says “paid”: only then the customer knows it, too."),
        lambda facts: facts.stayed_until(facts.last_paid_at),
    )


def one_try(points: int = 20) -> Check:
    return Check(
        "one_try",
        points,
        _("Nothing was asked for twice."),
        _("One way to pay at a time: let the one that is open end before you begin another."),
        lambda facts: (
            bool(facts.intents)
            and len(facts.intents) == 1
            and len({link.pk for link in facts.links}) <= 1
        ),
    )


def wrapped(*outcomes: str, points: int = 20) -> Check:
    return Check(
        "wrapped",
        points,
        _("The call was wrapped up within two minutes, with the outcome that fits."),
        _(
            "Choose the outcome that says what was reached, and save with W and Enter when the"
            " call ends."
        ),
        lambda facts: facts.outcome in outcomes and _in_time(facts),
    )


def _in_time(facts: Facts) -> bool:
    saved_at = facts.wrap_up.saved_at if facts.wrap_up else None
    return facts.within(WRAPPED_WITHIN, facts.ended_at, saved_at)


def over(facts: Facts) -> bool:
    """A lesson with a call is over when that is wrapped up."""
    return hung_up(facts) and bool(facts.outcome)
