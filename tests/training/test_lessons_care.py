"""Lessons of agents beyond the link: kept and keyed cards, promises, money back, strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from core.ids import make_public_id
from crm.models import Customer
from crm.telephony.base import Command
from payments.models import CheckoutSession, PaymentAttempt
from payments.services import keyed
from tests.factories.core import senior_agent
from tests.sandbox.server import GOOD_CARD

if TYPE_CHECKING:
    from tests.training.floor import Floor, Learner

pytestmark = pytest.mark.django_db(transaction=True)


def all_met(learner: Learner) -> bool:
    return set(learner.until_over().values()) == {True}


def test_a_card_that_the_customer_lets_be_kept_pays_the_second_bill(floor: Floor) -> None:
    learner = floor.learner("saved")
    learner.answer()
    learner.send_link()
    learner.until(lambda: learner.customer.invoices.count() == 2)
    method = learner.customer.payment_methods.get()
    second = learner.customer.invoices.latest("pk")
    learner.take(
        saved_method=str(method.public_id),
        amount=f"€{second.total / 100:.2f}",
        items=second.public_id,
    )
    learner.until(learner.has_ended)
    learner.wrap_up("paid")

    assert all_met(learner)


@pytest.mark.parametrize("pauses", [True, False])
def test_a_card_is_keyed_well_only_while_the_recording_is_paused(
    floor: Floor, *, pauses: bool
) -> None:
    learner = floor.learner("keyed", senior_agent())
    learner.answer()
    assert learner.call is not None
    order = {"command": Command.PAUSE_RECORDING}
    address = reverse("crm:call-command", args=[learner.call.public_id])
    learner.client.post(address, order)
    learner.take(is_keyed="1")
    learner.until(lambda: keyed.waiting_pages().exists())
    intent = CheckoutSession.objects.get().intent
    learner.client.post(reverse("payments:card-page", args=[intent.public_id]))
    if not pauses:
        learner.client.post(address, {"command": Command.RESUME_RECORDING})
    floor.sandbox.pay(PaymentAttempt.objects.get().page_url)
    learner.until(learner.has_ended)
    learner.wrap_up("paid")

    assert learner.until_over() == {"paused": pauses, "paid": True, "wrapped": True}


def test_a_promise_within_a_week_scores(floor: Floor) -> None:
    learner = floor.learner("promise")
    learner.answer()
    learner.promise()
    learner.until(learner.has_ended)
    learner.wrap_up("promised")

    assert all_met(learner)


@pytest.mark.parametrize("share", [1, 2])
def test_just_what_was_named_goes_back(floor: Floor, share: int) -> None:
    learner = floor.learner("refund")
    learner.answer()
    learner.refund(learner.run.amount * share)
    learner.until(learner.has_ended)
    learner.wrap_up("refunded")

    assert learner.until_over() == {"right_amount": share == 1, "went": True, "wrapped": True}


def test_above_the_limit_it_is_asked_for_in_one_piece_and_waits(floor: Floor) -> None:
    learner = floor.learner("refund_above")
    learner.answer()
    learner.refund(learner.run.amount)
    learner.until(learner.has_ended)
    learner.wrap_up("refunded")

    assert all_met(learner)


def test_a_refund_that_is_split_below_the_limit_is_not_done_well(floor: Floor) -> None:
    learner = floor.learner("refund_above")
    learner.answer()
    learner.refund(9_000)
    learner.until(learner.has_ended)
    learner.wrap_up("refunded")

    assert learner.until_over()["one_piece"] is False


def test_somebody_unknown_is_written_down_for_practice_alone(floor: Floor) -> None:
    learner = floor.learner("stranger")
    learner.answer()
    assert learner.call is not None
    form = {
        "operation": make_public_id("cus"),
        "call": learner.call.public_id,
        "name": "Tuula Testaaja",
        "kind": "person",
        "language": "fi",
        "phone": learner.call.their_number,
    }
    answer = learner.client.post(reverse("crm:create-customer"), form)
    assert answer.status_code == 302, answer.content[-800:]
    made = Customer.objects.get(name="Tuula Testaaja")
    learner.run.customer = made
    learner.client.post(
        f"/customers/{made.public_id}/pay/send/",
        {
            "operation": make_public_id("op"),
            "currency": "EUR",
            "amount": "€30.00",
            "shown": "",
            "allows_surplus": "on",
            "destination": f"sms:{learner.call.their_number}",
        },
    )
    learner.until(learner.has_ended)
    learner.wrap_up("paid")

    assert made.is_practice
    assert all_met(learner)


def test_a_call_back_is_a_task_and_a_note(floor: Floor) -> None:
    learner = floor.learner("wrap_up")
    learner.answer()
    learner.until(learner.has_ended)
    learner.wrap_up("call_back", "Asks why the bill is higher", call_back="tomorrow")

    assert all_met(learner)
    assert GOOD_CARD not in learner.client.get("/training/").text
