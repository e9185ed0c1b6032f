"""A lesson for who follows the money: what our books hold of a payment, verified."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.policy import Permission
from training.lessons.base import Beat, Check, Lesson

if TYPE_CHECKING:
    from training.facts import Facts

LEFT = 8_050
"""So much is left of the payment after its refund (minor units)."""


def _is_refunded(facts: Facts) -> bool:
    return bool(facts.refunds) and facts.refunds[0].status == "succeeded"


def _is_told(facts: Facts, minor: int) -> bool:
    """Whether a task of the customer’s names an amount, with a point or a comma."""
    major, rest = divmod(minor, 100)
    named = re.compile(rf"(?<![\d.,]){major}[.,]{rest:02}(?!\d)")
    return any(named.search(one.text) for one in facts.tasks)


def _is_untouched(facts: Facts) -> bool:
    """Whether who learns only read: what verifies must not move money."""
    askers = {one.requested_by_id for one in facts.refunds}
    askers |= {one.requested_by_id for one in facts.moves}
    return not facts.intents and facts.user_id not in askers


VERIFY = Lesson(
    key="verify_books",
    help="payment",
    title=_("The books of a payment, verified"),
    task=_(
        "Find the payment of the one customer, and read its ledger. Then write a follow-up task"
        " for the customer that says what was taken, and what is left of it."
    ),
    permission=Permission.APPROVE_REFUND,
    is_on_phone=False,
    asks=lambda user: 2_700,
    beats=(
        Beat(lambda facts: True, act=lambda stage: stage.buy(LEFT)),
        Beat(
            lambda facts: facts.is_set_up,
            act=lambda stage: stage.ask_refund("A cable came back to the store"),
        ),
        Beat(
            _is_refunded,
            _(
                "The accountant writes: the provider’s list says that %(amount)s went back to"
                " %(name)s. What do our books say was taken, and what is left?"
            ),
        ),
        Beat(
            lambda facts: bool(facts.tasks),
            _("The accountant writes: thank you, I compare it with the list."),
            after_s=1,
        ),
    ),
    checks=(
        Check(
            "taken",
            40,
            _("The task says what was taken, as the ledger has it."),
            _(
                "“In the ledger” at the foot of the payment shows each posting: taken, then"
                " refunded."
            ),
            lambda facts: any(_is_told(facts, one.captured) for one in facts.prepared),
        ),
        Check(
            "left",
            40,
            _("The task says what is left after the refund."),
            _("Subtract what was refunded from what was taken, to the cent."),
            lambda facts: any(
                _is_told(facts, one.captured - one.refunded) for one in facts.prepared
            ),
        ),
        Check(
            "untouched",
            20,
            _("Nothing was moved while the books were read."),
            _("Who verifies only reads: what is wrong becomes a task, not a second refund."),
            lambda facts: bool(facts.tasks) and _is_untouched(facts),
        ),
    ),
    is_over=lambda facts: bool(facts.tasks),
)

LESSONS = (VERIFY,)
