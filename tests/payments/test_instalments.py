"""The parts of plans are asked for on their days: once each, and never more than is owed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from core.jobs import business_date
from core.models import AuditEvent
from core.money import Money
from crm.models import ContactPoint, Customer, OutgoingMessage, Task
from orders.models import Instalment, InstalmentPlan, InvoiceHold
from orders.services import plan_progress, plans
from orders.services.allocate import record_payment
from payments import errors
from payments.models import (
    CheckoutSession,
    InstalmentMandate,
    InstalmentRequest,
    PaymentAttempt,
    PaymentIntent,
    PaymentMethod,
)
from payments.services import checkout, instalments, operations, planning
from payments.services.verifying import differences
from payments.tasks import ask_instalments
from tests.factories.crm import CustomerFactory
from tests.orders.planning import statuses
from tests.orders.threads import race
from tests.payments.planning import PAYS_ONCE, TOMORROW, Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    pass

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


def asked() -> int:
    return InstalmentRequest.objects.count()


# By link


def test_the_part_of_today_is_asked_for_at_once_and_the_others_on_their_days(desk: Desk) -> None:
    plan = desk.agree()

    request = InstalmentRequest.objects.get()
    session = CheckoutSession.objects.get()
    grace = dt.timedelta(days=4)
    assert statuses(plan) == ["active", "asked", "due", "due"]
    assert request.intent.amount == 5_000
    assert (session.channel, session.destination) == ("sms", "+358401234567")
    assert abs(session.expires_at - timezone.now() - grace) < dt.timedelta(minutes=5)
    assert instalments.ask_due(business_date()) == 0
    assert instalments.ask_due(desk.part(plan, 2).due_on) == 1
    assert instalments.ask_due(desk.part(plan, 2).due_on) == 0
    assert statuses(plan) == ["active", "asked", "asked", "due"]
    assert OutgoingMessage.objects.filter(kind="payment_link").count() == 2


def test_a_plan_that_begins_later_asks_nobody_today(desk: Desk) -> None:
    plan = desk.agree(first_on=TOMORROW)

    assert instalments.ask_due(business_date()) == 0

    assert statuses(plan) == ["active", "due", "due", "due"]
    assert not PaymentIntent.objects.exists()


def test_parts_that_wait_side_by_side_pay_different_money(desk: Desk) -> None:
    plan = desk.agree(parts=2)
    desk.let_fall_due(plan, 2)
    instalments.ask_due(business_date())

    for session in CheckoutSession.objects.order_by("pk"):
        attempt = checkout.choose_method(session_id=session.pk, method="card")
        desk.sandbox.pay(attempt.page_url)
        desk.poll()

    assert statuses(plan) == ["completed", "paid", "paid"]
    assert not PaymentIntent.objects.filter(surplus__gt=0).exists()
    assert list(differences()) == []


def test_the_customer_reads_which_part_it_is_in_their_language(desk: Desk) -> None:
    Customer.objects.filter(pk=desk.customer.pk).update(language="fi")

    desk.agree()

    assert PaymentIntent.objects.get().description == "Erä 1/3"


def test_only_what_is_lacking_is_asked_for(desk: Desk) -> None:
    plan = desk.agree(first_on=TOMORROW)
    record_payment(
        invoices=[(desk.invoice.pk, Money(6_000, "EUR"))], source_id="cap_x", cause="cap_x:1"
    )
    desk.let_fall_due(plan, 2)

    instalments.ask_due(business_date())

    assert statuses(plan) == ["active", "paid", "asked", "due"]
    assert PaymentIntent.objects.get().amount == 4_000


def test_what_was_paid_meanwhile_is_not_asked_for(desk: Desk) -> None:
    plan = desk.agree(first_on=TOMORROW)
    record_payment(
        invoices=[(desk.invoice.pk, Money(10_000, "EUR"))], source_id="cap_x", cause="cap_x:1"
    )
    desk.let_fall_due(plan, 2)

    assert instalments.ask_due(business_date()) == 0

    assert statuses(plan) == ["active", "paid", "paid", "due"]
    assert not PaymentIntent.objects.exists()


def test_who_can_be_reached_nowhere_is_left_to_a_person(desk: Desk) -> None:
    ContactPoint.objects.all().delete()

    plan = desk.agree()

    task = Task.objects.get()
    assert (task.kind, task.cause) == (Task.Kind.INSTALMENT, desk.part(plan, 1).public_id)
    assert statuses(plan) == ["active", "asked", "due", "due"]
    assert not CheckoutSession.objects.exists()


# By charge


def test_a_kept_card_is_charged_now_and_on_each_day_without_the_customer(desk: Desk) -> None:
    plan = desk.agree(desk.kept())
    assert statuses(plan) == ["active", "paid", "due", "due"]
    for position in (2, 3):
        desk.let_fall_due(plan, position)
        assert instalments.ask_due(business_date()) == 1
        operations.drain()

    charged = PaymentAttempt.objects.exclude(saved_method=None).order_by("pk")
    assert statuses(plan) == ["completed", "paid", "paid", "paid"]
    assert [one.is_off_session for one in charged] == [False, True, True]
    assert [one.captured for one in charged] == [5_000, 5_000, 5_000]
    assert list(differences()) == []


def test_what_may_be_charged_is_on_record_word_by_word(desk: Desk) -> None:
    method = desk.kept()
    plan = desk.agree(method)

    mandate = InstalmentMandate.objects.get()
    parts = plans.preview(
        Money(15_000, "EUR"), parts=3, first_on=business_date(), rhythm=plan.rhythm
    )
    assert (mandate.plan, mandate.method) == (plan, method)
    assert mandate.sentence == planning.sentence_of(
        parts, rhythm=plan.rhythm, method=method, language=desk.customer.language
    )
    assert AuditEvent.objects.filter(action="instalments.allowed").count() == 1


def test_the_sentence_is_in_the_customers_language(desk: Desk) -> None:
    method = desk.kept()
    parts = [
        plans.Part(1, Money(5_001, "EUR"), dt.date(2027, 1, 31)),
        plans.Part(2, Money(5_000, "EUR"), dt.date(2027, 2, 28)),
    ]

    said = {
        language: planning.sentence_of(parts, rhythm="monthly", method=method, language=language)
        for language in ("en", "fi", "sv")
    }

    assert "Visa ·· 4242 2 times, every month: €50.01 on 31 January 2027" in said["en"]
    assert "31.1.2027" in said["fi"]
    assert "31 januari 2027" in said["sv"]
    assert len(set(said.values())) == 3


def test_a_declined_charge_is_followed_by_one_link_and_one_task(desk: Desk) -> None:
    plan = desk.agree(desk.kept(PAYS_ONCE))
    assert statuses(plan) == ["active", "paid", "due", "due"]
    part = desk.let_fall_due(plan, 2)
    instalments.ask_due(business_date())
    operations.drain()

    race([instalments.follow_up_declines for _ in range(4)])

    intent = InstalmentRequest.objects.get(instalment=part).intent
    assert intent.status == "requires_payment_method"
    assert CheckoutSession.objects.get(intent=intent).destination == "+358401234567"
    assert Task.objects.get().cause == part.public_id
    assert statuses(plan) == ["active", "paid", "asked", "due"]
    assert instalments.ask_due(business_date()) == 0
    assert PaymentAttempt.objects.filter(intent=intent).count() == 1


def test_a_charge_that_went_well_is_followed_by_nothing(desk: Desk) -> None:
    desk.agree(desk.kept())

    assert instalments.follow_up_declines() == 0

    assert not Task.objects.exists()
    assert InstalmentRequest.objects.exclude(followed_at=None).count() == 1


def test_a_declined_charge_of_a_withdrawn_plan_is_followed_by_nothing(desk: Desk) -> None:
    plan = desk.agree(desk.kept(PAYS_ONCE))
    desk.let_fall_due(plan, 2)
    instalments.ask_due(business_date())
    operations.drain()
    sessions = CheckoutSession.objects.count()
    plans.withdraw_plan(plan=plan, actor=desk.agent)

    assert instalments.follow_up_declines() == 0

    assert not Task.objects.exists()
    assert CheckoutSession.objects.count() == sessions


def test_while_an_outcome_is_unknown_nothing_more_is_charged_or_sent(desk: Desk) -> None:
    method = desk.kept()
    plan = desk.agree(method, first_on=TOMORROW)
    desk.let_fall_due(plan, 1)
    desk.sandbox.next_fault("reset", "charge")
    instalments.ask_due(business_date())
    operations.drain()
    desk.let_fall_due(plan, 2)

    assert instalments.ask_due(business_date()) == 0
    assert instalments.follow_up_declines() == 0

    assert PaymentAttempt.objects.exclude(saved_method=None).count() == 1
    assert not Task.objects.exists()
    desk.resolve()
    assert statuses(plan) == ["active", "paid", "due", "due"]
    assert instalments.ask_due(business_date()) == 1


def test_nothing_is_charged_while_the_customer_is_paying_the_same_invoice(desk: Desk) -> None:
    plan = desk.agree(desk.kept(), first_on=TOMORROW)
    session = desk.link(desk.intent())
    checkout.choose_method(session_id=session.pk, method="card")
    desk.let_fall_due(plan, 1)

    assert instalments.ask_due(business_date()) == 0

    assert asked() == 0
    assert statuses(plan) == ["active", "due", "due", "due"]


def test_without_looking_for_payments_under_way_it_would_be_charged_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test of the one above: the customer pays all, and the card is charged besides."""
    plan = desk.agree(desk.kept(), first_on=TOMORROW)
    session = desk.link(desk.intent())
    attempt = checkout.choose_method(session_id=session.pk, method="card")
    desk.let_fall_due(plan, 1)
    monkeypatch.setattr(instalments, "_is_under_way", lambda _holds: False)

    instalments.ask_due(business_date())
    operations.drain()
    desk.sandbox.pay(attempt.page_url)
    desk.poll()

    assert PaymentIntent.objects.filter(surplus__gt=0, items__isnull=False).exists()


def test_a_card_that_is_no_longer_kept_is_not_charged(desk: Desk) -> None:
    method = desk.kept()
    plan = desk.agree(method, first_on=TOMORROW)
    PaymentMethod.objects.update(removed_at=timezone.now())
    desk.let_fall_due(plan, 1)

    assert instalments.ask_due(business_date()) == 1

    assert InstalmentRequest.objects.get().kind == "link"
    assert not PaymentAttempt.objects.exclude(saved_method=None).exists()


def test_nobody_agrees_to_the_charge_of_somebody_elses_card(desk: Desk) -> None:
    method = desk.kept()
    PaymentMethod.objects.update(customer=CustomerFactory.create())
    method.refresh_from_db()
    before = OutgoingMessage.objects.count()

    with pytest.raises(errors.MethodNotOffered):
        planning.agree(desk.planned(), actor=desk.agent, method=method)

    assert not InstalmentPlan.objects.exists()
    assert not InvoiceHold.objects.exists()
    assert not InstalmentMandate.objects.exists()
    assert OutgoingMessage.objects.count() == before


# The clock


def test_nobody_is_asked_in_the_night(
    desk: Desk, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = desk.agree(first_on=TOMORROW)
    desk.let_fall_due(plan, 1)
    settings.INSTALMENT_ASK_HOUR = 25

    ask_instalments()

    assert asked() == 0
    settings.INSTALMENT_ASK_HOUR = 0
    ask_instalments()
    ask_instalments()
    assert asked() == 1


def test_one_part_that_fails_does_not_stop_the_next(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.agree(
        invoice_ids=[desk.invoice.pk], amount=Money(10_000, "EUR"), first_on=TOMORROW
    )
    other = desk.agree(invoice_ids=[desk.other.pk], amount=Money(5_000, "EUR"), first_on=TOMORROW)
    part = desk.let_fall_due(first, 1)
    desk.let_fall_due(other, 1)
    wanted_for = plan_progress.wanted_for

    def fail_for_one(one: Instalment, holds: Any) -> dict[int, int]:
        if one.pk == part.pk:
            raise RuntimeError("broken")
        return wanted_for(one, holds)

    monkeypatch.setattr(plan_progress, "wanted_for", fail_for_one)

    assert instalments.ask_due(business_date()) == 1
    assert statuses(first)[1] == "due"
    assert statuses(other)[1] == "asked"
