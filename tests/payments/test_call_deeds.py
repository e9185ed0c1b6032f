"""What was done about money during a call is told in sentences, for its wrap-up."""

from __future__ import annotations

import pytest

from crm import wrapping
from crm.services import calls
from payments.services.intents import cancel_intent
from payments.services.refunds import request_refund
from tests.factories.calls import ring, tell
from tests.factories.crm import CustomerFactory
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_payment_and_its_refund_are_told(desk: Desk) -> None:
    call = tell(ring(desk.agent), "answered", 1)
    capture = desk.paid()
    request_refund(
        capture_id=capture.pk, amount=capture.money, reason="Broken.", requested_by=desk.agent
    )

    told = [(deed.outcome, deed.sentence) for deed in wrapping.deeds_of(call)]

    assert told == [("paid", "Paid €100.00."), ("refunded", "Refunded €100.00: Broken.")]


def test_a_link_that_is_not_paid_and_a_cancelled_payment_are_told(desk: Desk) -> None:
    call = tell(ring(desk.agent), "answered", 1)
    intent = desk.intent()
    desk.link(intent)

    before = [deed.sentence for deed in wrapping.deeds_of(call)]
    cancel_intent(intent_id=intent.pk, actor=desk.agent)
    after = {deed.sentence for deed in wrapping.deeds_of(call)}

    assert before == ["Sent a link for €100.00 by SMS."]
    assert "The payment of €100.00 was cancelled." in after


def test_another_calls_deeds_are_not_told(desk: Desk) -> None:
    desk.link(desk.intent())

    assert wrapping.deeds_of(tell(ring(desk.agent), "answered", 1)) == []


def test_what_was_done_for_another_customer_is_not_told_of_the_caller(desk: Desk) -> None:
    call = tell(ring(desk.agent), "answered", 1)
    desk.link(desk.intent())
    other = calls.name_customer(call=call, customer=CustomerFactory.create(), actor=desk.agent)

    assert wrapping.deeds_of(other) == []
