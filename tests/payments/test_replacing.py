"""A plan closes what is open for its invoices, so that nobody pays the same twice."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from core.jobs import business_date
from core.models import AuditEvent
from core.money import Money
from crm.models import OutgoingMessage
from orders.models import InstalmentPlan, InvoiceHold
from orders.services import plans
from orders.services.plans import Planned
from payments import errors
from payments.models import (
    CheckoutSession,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    ProviderOperation,
)
from payments.services import charges, checkout, operations, planning, replacing
from payments.services.intents import NewIntent, create_intent
from payments.services.payment import Payment
from payments.services.verifying import differences
from tests.factories import core as people
from tests.orders.threads import race
from tests.payments.keypad_play import Play
from tests.payments.planning import TOMORROW, Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.sandbox.server import SandboxServer

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


def link_of_both(desk: Desk) -> CheckoutSession:
    """A link by which both invoices of the customer can be paid."""
    wanted = NewIntent(
        customer=desk.customer, amount=Money(15_000, "EUR"), invoices=[desk.invoice, desk.other]
    )
    return desk.link(create_intent(wanted, actor=desk.agent))


def statuses() -> list[str]:
    return list(CheckoutSession.objects.order_by("pk").values_list("status", flat=True))


def nothing_is_planned() -> bool:
    return not (InstalmentPlan.objects.exists() or InvoiceHold.objects.exists())


def test_a_plan_closes_the_link_of_its_invoices_and_says_so(desk: Desk) -> None:
    session = link_of_both(desk)

    desk.agree()

    assert statuses() == ["closed", "open"]
    assert OutgoingMessage.objects.filter(kind="payment_link").count() == 2
    closed = PaymentEvent.objects.get(subject_kind="session", status="closed")
    assert (closed.intent_id, closed.actor) == (session.intent_id, desk.agent)
    assert AuditEvent.objects.filter(action="checkout_session.closed").count() == 1
    with pytest.raises(errors.SessionNotOpen):
        checkout.choose_method(session_id=session.pk, method="card")
    assert list(differences()) == []


def test_one_invoice_in_common_is_enough(desk: Desk) -> None:
    link_of_both(desk)

    desk.agree(invoice_ids=[desk.other.pk], amount=Money(5_000, "EUR"), first_on=TOMORROW)

    assert statuses() == ["closed"]


def test_a_link_of_other_invoices_stays_open(desk: Desk) -> None:
    desk.link(desk.intent())

    desk.agree(invoice_ids=[desk.other.pk], amount=Money(5_000, "EUR"), first_on=TOMORROW)

    assert statuses() == ["open"]


def test_the_link_of_a_plan_that_was_withdrawn_is_closed_by_the_next(desk: Desk) -> None:
    first = desk.agree()
    plans.withdraw_plan(plan=first, actor=desk.agent)

    desk.agree()

    assert statuses() == ["closed", "open"]


def test_a_page_the_customer_is_on_must_be_confirmed_before_a_plan_replaces_it(desk: Desk) -> None:
    session = link_of_both(desk)
    checkout.choose_method(session_id=session.pk, method="card")

    with pytest.raises(errors.LinkStillPayable):
        desk.agree(first_on=TOMORROW)

    assert statuses() == ["open"]
    assert nothing_is_planned()
    planning.agree(desk.planned(first_on=TOMORROW), actor=desk.agent, replaces_open_page=True)
    operations.drain()
    assert statuses() == ["closed"]
    assert InstalmentPlan.objects.count() == 1


def test_no_plan_is_made_while_the_money_may_have_moved(desk: Desk) -> None:
    session = link_of_both(desk)
    PaymentIntent.objects.filter(pk=session.intent_id).update(blocked_by_unknown=True)

    with pytest.raises(errors.OutcomeStillUnknown):
        planning.agree(desk.planned(), actor=desk.agent, replaces_open_page=True)

    assert statuses() == ["open"]
    assert nothing_is_planned()


# While a card is being charged


def charging(sandbox: SandboxServer) -> Play:
    """A customer who has keyed the card on the phone; the charge was asked for and not sent."""
    play = Play(people.supervisor(), sandbox)
    play.begin()
    play.key_all()
    play.panel.act(play.intent, "keypad/charge")
    return play


def plan_of(play: Play) -> InstalmentPlan:
    planned = Planned(
        customer=play.panel.customer,
        invoice_ids=[play.panel.fibre.pk, play.panel.router.pk],
        amount=Money(18_490, "EUR"),
        parts=2,
        first_on=business_date(),
    )
    return planning.agree(planned, actor=play.panel.user, replaces_open_page=True)


def test_no_plan_is_made_beside_a_charge_that_was_asked_for(sandbox: SandboxServer) -> None:
    play = charging(sandbox)

    with pytest.raises(errors.OutcomeStillUnknown):
        plan_of(play)

    assert play.session.status == "open"
    assert nothing_is_planned()
    play.work()
    assert play.intent.status == "succeeded"


def test_a_plan_would_be_made_beside_a_charge_without_that_guard(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test of the one above: the customer would pay all of it, and the first part."""
    play = charging(sandbox)
    monkeypatch.setattr(Payment, "is_being_taken", lambda _: False)

    plan_of(play)

    assert PaymentIntent.objects.count() == 2
    assert CheckoutSession.objects.filter(status="open", kind="link").count() == 1


def test_no_plan_is_made_beside_a_saved_card_that_is_being_charged(desk: Desk) -> None:
    card = desk.kept()
    intent = desk.intent()
    charges.charge_saved_method(intent_id=intent.pk, method=card, actor=desk.agent)

    with pytest.raises(errors.OutcomeStillUnknown):
        desk.agree()

    assert nothing_is_planned()
    operations.drain()
    assert PaymentIntent.objects.get(pk=intent.pk).status == "succeeded"
    desk.agree(invoice_ids=[desk.other.pk], amount=Money(5_000, "EUR"))
    assert InstalmentPlan.objects.count() == 1


def test_no_plan_is_made_while_a_bank_takes_its_time_over_a_charge(desk: Desk) -> None:
    """The provider has answered that it is under way: nothing of ours is open any more."""
    card = desk.kept()
    intent = desk.intent()
    charges.charge_saved_method(intent_id=intent.pk, method=card, actor=desk.agent)
    ProviderOperation.objects.filter(intent=intent).update(status="done")
    PaymentAttempt.objects.filter(intent=intent).update(status="pending")

    with pytest.raises(errors.OutcomeStillUnknown):
        desk.agree()

    assert nothing_is_planned()


def test_a_plan_would_be_made_meanwhile_if_charges_were_not_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test of the two above."""
    card = desk.kept()
    charges.charge_saved_method(intent_id=desk.intent().pk, method=card, actor=desk.agent)
    monkeypatch.setattr(replacing, "_is_moving", lambda _: False)

    desk.agree()

    assert InstalmentPlan.objects.count() == 1


# At once


def planned_while_a_link_opens(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, *, looks_again: bool
) -> None:
    """Make a plan; a link opens after what is open was looked at, and before it was locked."""
    intent = desk.intent()
    look = replacing._payable
    seen: list[dict[int, list[int]]] = []

    def look_early(invoices: Sequence[int]) -> dict[int, list[int]]:
        if not seen:
            seen.append(look(invoices))
            race([partial(desk.link, intent)])
            return seen[0]
        return look(invoices) if looks_again else seen[0]

    monkeypatch.setattr(replacing, "_payable", look_early)
    desk.agree(first_on=TOMORROW)


def test_a_link_that_opens_meanwhile_is_closed_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned_while_a_link_opens(desk, monkeypatch, looks_again=True)

    assert statuses() == ["closed"]
    assert InstalmentPlan.objects.count() == 1


def test_without_the_second_look_it_would_stay_open(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test of the one above."""
    planned_while_a_link_opens(desk, monkeypatch, looks_again=False)

    assert statuses() == ["open"]
    assert InstalmentPlan.objects.count() == 1


def test_plans_and_links_of_the_same_invoices_wait_for_each_other(desk: Desk) -> None:
    """No two of them wait in a circle, whichever invoice they begin with."""
    intents = [link_of_both(desk).intent for _ in range(3)]

    def plan(invoice_id: int, amount: int) -> Any:
        planned = desk.planned(
            invoice_ids=[invoice_id], amount=Money(amount, "EUR"), first_on=TOMORROW
        )
        return planning.agree(planned, actor=desk.agent)

    race(
        [
            partial(plan, desk.invoice.pk, 10_000),
            partial(plan, desk.other.pk, 5_000),
            *(partial(desk.link, intent) for intent in intents),
        ]
    )

    assert InstalmentPlan.objects.count() == 2
    assert list(differences()) == []
