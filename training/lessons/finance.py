"""Lessons for who follows the money: approvals, deliveries that wait, payments to look at."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from core.policy import Permission
from training.lessons.base import Beat, Check, Lesson

if TYPE_CHECKING:
    from training.facts import Facts

PROMPT = timedelta(minutes=3)


def _decided(facts: Facts) -> bool:
    return any(one.decided_at is not None for one in facts.refunds)


def _by_me(facts: Facts, status: set[str]) -> bool:
    return any(one.decided_by_id == facts.user_id and one.status in status for one in facts.refunds)


def _promptly(points: int) -> Check:
    return Check(
        "promptly",
        points,
        _("It was decided within three minutes."),
        _("The customer waits for it: the queue of approvals (G A) is one key away."),
        lambda facts: (
            bool(facts.refunds)
            and facts.within(PROMPT, facts.refunds[0].created_at, facts.refunds[0].decided_at)
        ),
    )


def _bought(extra: int) -> tuple[Beat, ...]:
    return (Beat(lambda facts: True, act=lambda stage: stage.buy(extra)),)


APPROVE = Lesson(
    key="approve",
    help="approvals",
    title=_("Approve a refund"),
    task=_(
        "A refund above a colleague’s limit waits for you. Look at the payment, and approve it if"
        " it is sound."
    ),
    permission=Permission.APPROVE_REFUND,
    is_on_phone=False,
    asks=lambda user: 15_000,
    beats=(
        *_bought(4_000),
        Beat(
            lambda facts: facts.is_set_up,
            _(
                "Kalle asks: %(name)s sent the equipment back, and the store has it. May"
                " %(amount)s go back?"
            ),
            act=lambda stage: stage.ask_refund("Equipment came back to the store, slip 4417"),
        ),
        Beat(_decided, _("Kalle says: thank you, I tell the customer."), after_s=2),
    ),
    checks=(
        Check(
            "approved",
            70,
            _("The refund was approved, and is on its way."),
            _("What is sound needs no second look: select it in the queue and press A."),
            lambda facts: _by_me(facts, {"requested", "pending", "succeeded", "unknown"}),
        ),
        _promptly(30),
    ),
    is_over=_decided,
)

REFUSE = Lesson(
    key="refuse",
    help="approvals",
    title=_("Refuse a refund"),
    task=_(
        "Another refund waits. Read why it is asked for, and refuse it with a reason if it is not"
        " sound."
    ),
    permission=Permission.APPROVE_REFUND,
    is_on_phone=False,
    asks=lambda user: 18_000,
    beats=(
        *_bought(2_000),
        Beat(
            lambda facts: facts.is_set_up,
            _(
                "Kalle asks: %(name)s wants %(amount)s back, but keeps the equipment. Can we do"
                " it anyway?"
            ),
            act=lambda stage: stage.ask_refund("Customer is angry, keeps the equipment"),
        ),
        Beat(_decided, _("Kalle says: I see. I explain it to the customer."), after_s=2),
    ),
    checks=(
        Check(
            "refused",
            50,
            _("The refund was refused."),
            _("Money does not go back for goods that are kept: refuse it with N."),
            lambda facts: _by_me(facts, {"canceled"}),
        ),
        Check(
            "reason",
            30,
            _("The reason can be understood by who asked."),
            _("Write a whole sentence: your colleague has to explain it to the customer."),
            lambda facts: any(len(one.refusal.strip()) >= 10 for one in facts.refunds),  # noqa: PLR2004
        ),
        _promptly(20),
    ),
    is_over=_decided,
)


def _is_done(facts: Facts) -> bool:
    return any(one.state == "done" for one in facts.deliveries)


def _is_worked_off(facts: Facts) -> bool:
    return bool(facts.replayed) and _is_done(facts)


PARKED = Lesson(
    key="parked",
    help="parked",
    title=_("A delivery that waits for a person"),
    task=_(
        "The provider was away when it told us of a payment. It is back: have the parked delivery"
        " worked off again."
    ),
    permission=Permission.REPLAY_WEBHOOK,
    is_on_phone=False,
    asks=lambda user: 7_100,
    beats=(
        *_bought(0),
        Beat(lambda facts: facts.is_set_up, act=lambda stage: stage.deliver()),
        Beat(
            _is_done,
            _(
                "The provider writes: we are back since ten minutes. One delivery of yours was"
                " parked."
            ),
            act=lambda stage: stage.park(),
        ),
        Beat(_is_worked_off, _("It has been applied. Nothing is parked any more."), after_s=1),
    ),
    checks=(
        Check(
            "replayed",
            70,
            _("The delivery was worked off again, and is applied."),
            _("Open the parked deliveries from Payments, and have it worked off again."),
            _is_worked_off,
        ),
        Check(
            "once",
            30,
            _("Once was enough."),
            _(
                "Look at the state before you press again: a delivery that is applied has gone"
                " from the list."
            ),
            lambda facts: len(facts.replayed) == 1,
        ),
    ),
    is_over=_is_worked_off,
)

REVIEW = Lesson(
    key="review",
    help="review",
    title=_("A payment that needs a look"),
    task=_(
        "Money went back at the provider, not through us. Find the payment that needs a look, and"
        " write a follow-up task for its customer."
    ),
    permission=Permission.APPROVE_REFUND,
    is_on_phone=False,
    asks=lambda user: 3_300,
    beats=(
        *_bought(5_000),
        Beat(
            lambda facts: facts.is_set_up,
            _("The provider writes: one refund of %(amount)s was made in our dashboard today."),
            act=lambda stage: stage.refund_at_provider(),
        ),
        Beat(
            lambda facts: bool(facts.tasks),
            _("Good. Whoever takes the task knows what to do."),
            after_s=1,
        ),
    ),
    checks=(
        Check(
            "task",
            60,
            _("A task for the customer was written down."),
            _("Payments that need a look stand on the desk: open it, its customer, and the tasks."),
            lambda facts: bool(facts.tasks),
        ),
        Check(
            "told",
            40,
            _("The task says what to do."),
            _("Name the payment and the amount: whoever takes the task has not seen what you saw."),
            lambda facts: any(len(one.text.strip()) >= 10 for one in facts.tasks),  # noqa: PLR2004
        ),
    ),
    is_over=lambda facts: bool(facts.tasks),
)

LESSONS = (APPROVE, REFUSE, PARKED, REVIEW)
