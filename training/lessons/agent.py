"""Lessons for who serves customers: links, cards, and what to do when it is not plain."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.policy import Permission
from training.facts import Facts
from training.lessons.base import Beat, Card, Check, Lesson, has_link
from training.lessons.shared import (
    SOON,
    all_paid,
    over,
    ring,
    says,
    sent_soon,
    stayed,
    thanks,
    wrapped,
)

GOODBYE = _("It says that it is paid. Thank you, goodbye!")


def _pays_good() -> Beat:
    return Beat(
        has_link,
        _("I take my card …"),
        act=lambda stage: stage.pay(Card.GOOD),
        after_s=4,
    )


def _opens() -> Beat:
    return Beat(
        has_link,
        _("The message has come. I open it."),
        act=lambda stage: stage.open_page(),
        after_s=3,
    )


LINK_PAID = Lesson(
    key="link_paid",
    title=_("A bill paid by a link"),
    task=_(
        "Answer with 8, open the customer, send a link for the bill, and stay until it is paid."
    ),
    permission=Permission.TAKE_PAYMENT,
    owes=7_900,
    beats=(
        ring(),
        says(_("Hello, %(name)s here. I have a bill of %(amount)s. Can I pay it now?")),
        _opens(),
        _pays_good(),
        *thanks(GOODBYE),
    ),
    checks=(sent_soon(), all_paid(), stayed(), wrapped("paid")),
    is_over=over,
)

DECLINED = Lesson(
    key="declined",
    title=_("A card that is declined, and another"),
    task=_(
        "The first card is declined. Say what happened and what can be done; the same link still"
        " works."
    ),
    permission=Permission.TAKE_PAYMENT,
    owes=4_500,
    beats=(
        ring(),
        says(_("Hello, this is %(name)s. I would like to pay my bill of %(amount)s by card.")),
        _opens(),
        Beat(
            has_link,
            _("Oh. It says that it was not paid. Was anything charged?"),
            act=lambda stage: stage.pay(Card.NO_FUNDS),
            after_s=3,
        ),
        Beat(
            lambda facts: bool(facts.attempts) and has_link(facts),
            _("All right, I try my other card on the same page."),
            act=lambda stage: stage.pay(Card.GOOD),
            after_s=8,
        ),
        *thanks(GOODBYE),
    ),
    checks=(
        sent_soon(20),
        Check(
            "same_link",
            30,
            _("The customer paid on the same link, and no second one was sent."),
            _(
                "A declined card closes nothing: let the customer try another card on the page"
                " that is open."
            ),
            lambda facts: facts.is_paid and len(facts.links) == 1,
        ),
        stayed(30),
        wrapped("paid"),
    ),
    is_over=over,
)


def _knows(facts: Facts) -> bool:
    """Whether what was lost is known by now."""
    return facts.lost is not None and facts.unknown is None


UNKNOWN = Lesson(
    key="unknown",
    help="payment",
    title=_("No answer yet: do not retry"),
    task=_(
        "Charge the saved card. The answer is lost on the way: wait until it is known, and try"
        " nothing else."
    ),
    permission=Permission.TAKE_PAYMENT,
    owes=6_300,
    beats=(
        Beat(lambda facts: True, act=lambda stage: stage.buy(-2_000, keeps=True)),
        Beat(
            lambda facts: bool(facts.methods),
            act=lambda stage: stage.go_wrong("webhook_drop", "webhook", 3),
        ),
        Beat(lambda facts: True, act=lambda stage: stage.go_wrong("error_after", "charge")),
        ring(),
        says(_("Hello, %(name)s. You have my card on file, please charge the %(amount)s from it.")),
        Beat(
            lambda facts: facts.lost is not None,
            _("Did it go through? Shall we just try again, or shall I pay by a link?"),
            after_s=2,
        ),
        *thanks(_("Good that we waited. Thank you!")),
    ),
    checks=(
        Check(
            "waited",
            40,
            _("Nothing else was tried while nobody knew what became of the charge."),
            _(
                "“Do not retry yet” means that the money may have moved. Tell the customer so, and"
                " wait: a second try can charge twice."
            ),
            lambda facts: facts.lost is not None and len(facts.attempts) == 1 and not facts.links,
        ),
        Check(
            "stayed_known",
            30,
            _("The customer was on the line until the outcome was known."),
            _(
                "Stay on the line, or agree when to call back: the rail says by itself what it"
                " came to."
            ),
            lambda facts: _knows(facts) and facts.stayed_until(facts.last_paid_at),
        ),
        all_paid(10),
        wrapped("paid"),
    ),
    is_over=over,
)

LAPSED = Lesson(
    key="lapsed",
    title=_("A link whose time is over"),
    task=_("The first link lapses before it is paid. See it on the rail, and send another."),
    permission=Permission.TAKE_PAYMENT,
    owes=5_400,
    beats=(
        ring(),
        says(_("Good day, %(name)s. Could you send me the bill of %(amount)s to my telephone?")),
        Beat(
            has_link,
            _("Now it has come. Wait, I look for my glasses …"),
            act=lambda stage: stage.open_page(),
            after_s=3,
        ),
        Beat(has_link, act=lambda stage: stage.let_lapse(), after_s=4),
        Beat(
            lambda facts: any(link.status == "expired" for link in facts.links),
            _("The page says that the link is no longer valid. What now?"),
            after_s=1,
        ),
        Beat(
            lambda facts: len(facts.links) > 1 and has_link(facts),
            _("There is a new one. I pay at once."),
            act=lambda stage: stage.pay(Card.GOOD),
            after_s=3,
        ),
        *thanks(GOODBYE),
    ),
    checks=(
        sent_soon(20),
        Check(
            "sent_again",
            40,
            _("A new link was sent within a minute of the old one’s end."),
            _("The rail says when a link is over, and offers to send it again: press R."),
            lambda facts: (
                len(facts.links) > 1
                and facts.within(SOON, facts.links[0].ended_at, facts.links[1].created_at)
            ),
        ),
        all_paid(20),
        wrapped("paid"),
    ),
    is_over=over,
)


def _another_way(facts: Facts) -> bool:
    return bool(facts.promises) or any(link.kind == "bank" for link in facts.links)


PROVIDER_DOWN = Lesson(
    key="provider_down",
    help="transfer",
    title=_("The provider does not answer"),
    task=_(
        "The customer’s page cannot be opened. See what the panel says, and agree another way: a"
        " transfer or a promise."
    ),
    permission=Permission.TAKE_PAYMENT,
    owes=8_800,
    beats=(
        Beat(lambda facts: True, act=lambda stage: stage.go_wrong("unavailable", "create", 30)),
        ring(),
        says(_("Hello, %(name)s. May I pay my bill of %(amount)s by card now?")),
        _opens(),
        Beat(
            has_link,
            _("It says that the payment service does not answer. Is there another way?"),
            act=lambda stage: stage.pay(Card.GOOD),
            after_s=3,
        ),
        Beat(
            _another_way,
            _("That suits me. Thank you, goodbye."),
            after_s=2,
        ),
        Beat(lambda facts: True, act=lambda stage: stage.hang_up(), after_s=4),
    ),
    checks=(
        Check(
            "another_way",
            50,
            _("Another way was agreed: a bank transfer or a promise."),
            _(
                "When a provider is away the panel says so. Offer a transfer (B) or a promise (P)"
                " in the same call."
            ),
            _another_way,
        ),
        Check(
            "few_tries",
            30,
            _("The customer was not sent to the broken page again and again."),
            _("One try is enough to know it: a second link leads to the same provider."),
            lambda facts: len([link for link in facts.links if link.kind == "link"]) <= 1,
        ),
        Check(
            "wrapped",
            20,
            _("The call was wrapped up."),
            _("Save the outcome with W and Enter when the call ends."),
            lambda facts: bool(facts.outcome),
        ),
    ),
    is_over=over,
)


LESSONS = (LINK_PAID, DECLINED, LAPSED, UNKNOWN, PROVIDER_DOWN)
