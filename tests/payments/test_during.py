"""Whatever an agent asks for during a call hangs on that call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payments.models import CheckoutSession, PaymentAttempt, PaymentIntent, Refund
from payments.services import checkout
from payments.services.refunds import request_refund
from tests.factories.calls import ring, tell
from tests.factories.core import agent
from tests.payments.taking import Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    from crm.models import Call

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def call(desk: Desk) -> Call:
    return tell(ring(desk.agent), "answered", 1)


def test_payment_link_attempt_and_refund_hang_on_the_call(desk: Desk, call: Call) -> None:
    capture = desk.paid()
    request_refund(
        capture_id=capture.pk, amount=capture.money, reason="broken", requested_by=desk.agent
    )

    models = (PaymentIntent, CheckoutSession, PaymentAttempt, Refund)
    assert [model.objects.get().call_id for model in models] == [call.pk] * 4


def test_a_later_refund_hangs_on_the_later_call(desk: Desk, call: Call) -> None:
    capture = desk.paid()
    tell(call, "ended", 30)
    later = tell(ring(desk.agent), "answered", 1)
    request_refund(
        capture_id=capture.pk, amount=capture.money, reason="broken", requested_by=desk.agent
    )

    assert PaymentIntent.objects.get().call_id == call.pk
    assert Refund.objects.get().call_id == later.pk


def test_without_a_call_and_on_somebody_elses_nothing_hangs(desk: Desk) -> None:
    tell(ring(agent()), "answered", 1)
    session = desk.link(desk.intent())
    checkout.choose_method(session_id=session.pk, method="card")

    models = (PaymentIntent, CheckoutSession, PaymentAttempt)
    assert [model.objects.get().call_id for model in models] == [None] * 3
