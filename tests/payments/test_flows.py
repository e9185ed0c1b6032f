"""Whole flows against the sandbox over real HTTP, on committed rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.money import Money
from crm.models import Consent, OutgoingMessage
from crm.services.consents import has_consent
from payments import errors
from payments.models import (
    Capture,
    CheckoutSession,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    PaymentMethod,
    ProviderAccount,
)
from payments.services import charges, checkout, links, operations, webhooks
from payments.services.intents import NewIntent, cancel_intent, create_intent
from tests.factories.payments import ProviderAccountFactory
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    pass

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_link_is_paid_and_everything_agrees(desk: Desk) -> None:
    capture = desk.paid()

    desk.invoice.refresh_from_db()
    intent = capture.attempt.intent
    assert intent.status == "succeeded"
    assert desk.invoice.open_amount == 0
    assert CheckoutSession.objects.get().status == "paid"
    assert OutgoingMessage.objects.filter(kind="receipt").count() == 1
    assert len(desk.sandbox.effects(capture.attempt.public_id, "capture")) == 1


def test_a_webhook_brings_the_same_as_a_poll(desk: Desk) -> None:
    session = desk.link(desk.intent())
    attempt = checkout.choose_method(session_id=session.pk, method="card")
    desk.sandbox.pay(attempt.page_url)
    payment = desk.sandbox.payment(attempt.public_id)
    for delivery in desk.sandbox.deliveries(payment["id"]):
        webhooks.receive(
            account=desk.account,
            body=delivery["body"].encode(),
            headers={"sandbox-signature": delivery["signature"]},
        )

    webhooks.drain()

    assert PaymentIntent.objects.get().status == "succeeded"
    assert not desk.account.webhookevent_set.exclude(state="done").exists()


def test_choosing_the_same_method_again_returns_to_its_page(desk: Desk) -> None:
    session = desk.link(desk.intent())

    first = checkout.choose_method(session_id=session.pk, method="card")
    second = checkout.choose_method(session_id=session.pk, method="card")

    assert first.pk == second.pk
    assert PaymentAttempt.objects.count() == 1


def test_choosing_for_the_first_time_locks_the_payment_once(desk: Desk) -> None:
    session = desk.link(desk.intent())

    with CaptureQueriesContext(connection) as seen:
        checkout.choose_method(session_id=session.pk, method="card")

    locks = [one["sql"] for one in seen.captured_queries if "FOR NO KEY UPDATE" in one["sql"]]
    assert sum("payments_paymentintent" in sql for sql in locks) == 1


def test_choosing_another_method_closes_the_old_page_first(desk: Desk) -> None:
    session = desk.link(desk.intent())
    first = checkout.choose_method(session_id=session.pk, method="card")

    second = checkout.choose_method(session_id=session.pk, method="mobilepay")

    first.refresh_from_db()
    assert first.status in {"canceled", "expired"}
    assert second.status == "pending"


def test_where_the_old_page_does_not_close_the_old_way_stays(desk: Desk) -> None:
    session = desk.link(desk.intent())
    first = checkout.choose_method(session_id=session.pk, method="card")
    desk.sandbox.faults(close__error_before=1)

    with pytest.raises(errors.OldPageStillOpen):
        checkout.choose_method(session_id=session.pk, method="mobilepay")

    first.refresh_from_db()
    assert first.status == "pending"
    assert PaymentAttempt.objects.count() == 1


def test_a_decline_leaves_the_page_payable(desk: Desk) -> None:
    session = desk.link(desk.intent())
    attempt = checkout.choose_method(session_id=session.pk, method="card")
    desk.sandbox.pay(attempt.page_url, card="4000000000000002")
    desk.poll()
    attempt.refresh_from_db()
    assert attempt.status == "pending"
    assert PaymentEvent.objects.filter(subject_kind="decline").count() == 1

    desk.sandbox.pay(attempt.page_url)
    desk.poll()

    assert PaymentIntent.objects.get().status == "succeeded"


def test_a_provider_that_is_down_is_replaced_by_the_next(desk: Desk) -> None:
    dead = ProviderAccountFactory.create(priority=1)
    session = desk.link(desk.intent())

    attempt = checkout.choose_method(session_id=session.pk, method="card")

    assert attempt.account == desk.account
    failed = PaymentAttempt.objects.exclude(pk=attempt.pk).get()
    assert (failed.account, failed.status) == (dead, "not_executed")


def test_a_lost_page_blocks_nothing_and_is_closed_when_found(desk: Desk) -> None:
    session = desk.link(desk.intent())
    desk.sandbox.next_fault("error_after", "create")
    with pytest.raises(errors.ProviderDidNotAnswer):
        checkout.choose_method(session_id=session.pk, method="card")

    second = checkout.choose_method(session_id=session.pk, method="card")
    desk.resolve()
    operations.drain()

    lost = PaymentAttempt.objects.exclude(pk=second.pk).get()
    assert lost.status in {"canceled", "expired"}
    second.refresh_from_db()
    assert second.status == "pending"


def test_a_closed_link_that_never_reached_a_page_is_closed_at_once(desk: Desk) -> None:
    session = desk.link(desk.intent())

    links.close_link(session_id=session.pk, actor=desk.agent)

    session.refresh_from_db()
    assert session.status == "closed"
    with pytest.raises(errors.SessionNotOpen):
        checkout.choose_method(session_id=session.pk, method="card")
    assert PaymentAttempt.objects.count() == 0


def test_a_page_the_customer_is_on_must_be_confirmed_before_it_is_replaced(desk: Desk) -> None:
    intent = desk.intent()
    session = desk.link(intent)
    checkout.choose_method(session_id=session.pk, method="card")

    with pytest.raises(errors.LinkStillPayable):
        desk.link(intent)
    assert CheckoutSession.objects.count() == 1
    session.refresh_from_db()
    assert session.status == "open"
    second = desk.link(intent, replaces=True)
    operations.drain()

    session.refresh_from_db()
    assert (session.status, second.status) == ("closed", "open")


def test_money_on_a_closed_page_pays_and_the_sibling_closes(desk: Desk) -> None:
    intent = desk.intent()
    first = checkout.choose_method(session_id=desk.link(intent).pk, method="card")
    second = desk.link(intent, replaces=True)
    desk.sandbox.pay(first.page_url)

    desk.poll()

    intent.refresh_from_db()
    second.refresh_from_db()
    assert (intent.status, intent.surplus, second.status) == ("succeeded", 0, "closed")


def test_a_canceled_intent_closes_its_link(desk: Desk) -> None:
    intent = desk.intent()
    session = desk.link(intent)

    cancel_intent(intent_id=intent.pk, actor=desk.agent)

    intent.refresh_from_db()
    session.refresh_from_db()
    assert (intent.status, session.status) == ("canceled", "closed")


def test_paid_money_cannot_be_canceled(desk: Desk) -> None:
    capture = desk.paid()

    with pytest.raises(errors.CannotCancelPaid):
        cancel_intent(intent_id=capture.attempt.intent_id, actor=desk.agent)

    assert PaymentIntent.objects.get().status == "succeeded"


def test_more_than_owed_must_be_confirmed(desk: Desk) -> None:
    with pytest.raises(errors.MoreThanOwed):
        desk.intent(10_001)

    assert PaymentIntent.objects.count() == 0
    assert desk.intent(10_001, allows_surplus=True).amount == 10_001


def test_five_declines_block_the_link(desk: Desk) -> None:
    session = desk.link(desk.intent())
    attempt = checkout.choose_method(session_id=session.pk, method="card")
    for _ in range(5):
        desk.sandbox.pay(attempt.page_url, card="4000000000000002")
    desk.poll()
    operations.drain()
    ProviderAccount.objects.update(unavailable_until=None)

    with pytest.raises(errors.TooManyDeclines):
        checkout.choose_method(session_id=session.pk, method="mobilepay")

    assert PaymentAttempt.objects.filter(method="mobilepay").count() == 0


def test_a_method_is_kept_only_where_the_customer_ticked_it_and_can_be_charged_later(
    desk: Desk,
) -> None:
    desk.paid()
    assert PaymentMethod.objects.count() == 0
    wanted = NewIntent(customer=desk.customer, amount=Money(700, "EUR"), allows_surplus=True)
    session = desk.link(create_intent(wanted, actor=desk.agent))
    attempt = checkout.choose_method(session_id=session.pk, method="card", saves_method=True)
    desk.sandbox.pay(attempt.page_url)
    desk.poll()
    kept = PaymentMethod.objects.get()
    assert kept.last4 == "4242"
    assert has_consent(desk.customer, Consent.Purpose.SAVED_METHOD)

    later = create_intent(wanted, actor=desk.agent)
    charged = charges.charge_saved_method(intent_id=later.pk, method=kept, actor=desk.agent)
    operations.drain()

    later.refresh_from_db()
    assert later.status == "succeeded"
    assert len(desk.sandbox.effects(charged.public_id, "capture")) == 1


def test_a_lost_answer_of_a_charge_blocks_every_other_try_until_it_is_found(desk: Desk) -> None:
    wanted = NewIntent(customer=desk.customer, amount=Money(700, "EUR"), allows_surplus=True)
    session = desk.link(create_intent(wanted, actor=desk.agent))
    attempt = checkout.choose_method(session_id=session.pk, method="card", saves_method=True)
    desk.sandbox.pay(attempt.page_url)
    desk.poll()
    kept = PaymentMethod.objects.get()
    later = create_intent(wanted, actor=desk.agent)
    desk.sandbox.next_fault("reset", "charge")
    charges.charge_saved_method(intent_id=later.pk, method=kept, actor=desk.agent)
    operations.drain()
    later.refresh_from_db()
    assert (later.status, later.blocked_by_unknown) == ("processing", True)

    with pytest.raises(errors.OutcomeStillUnknown):
        desk.link(later)
    with pytest.raises(errors.OutcomeStillUnknown):
        charges.charge_saved_method(intent_id=later.pk, method=kept, actor=desk.agent)
    assert PaymentAttempt.objects.filter(intent=later).count() == 1
    desk.resolve()

    later.refresh_from_db()
    assert (later.status, later.blocked_by_unknown) == ("succeeded", False)


def test_authorised_money_is_taken_in_part_and_the_rest_let_go(desk: Desk) -> None:
    wanted = NewIntent(
        customer=desk.customer,
        amount=Money(1_000, "EUR"),
        allows_surplus=True,
        is_manual_capture=True,
    )
    intent = create_intent(wanted, actor=desk.agent)
    attempt = checkout.choose_method(session_id=desk.link(intent).pk, method="card")
    desk.sandbox.pay(attempt.page_url)
    desk.poll()
    intent.refresh_from_db()
    assert (intent.status, intent.capturable) == ("requires_capture", 1_000)

    charges.request_capture(attempt_id=attempt.pk, amount=Money(600, "EUR"), actor=desk.agent)
    operations.drain()
    charges.request_cancellation(attempt_id=attempt.pk, actor=desk.agent)
    operations.drain()

    intent.refresh_from_db()
    assert (intent.captured, intent.cancelled, intent.capturable) == (600, 400, 0)
    with pytest.raises(errors.CaptureExceedsAuthorised):
        charges.request_capture(attempt_id=attempt.pk, amount=Money(1, "EUR"), actor=desk.agent)
    assert Capture.objects.count() == 1
