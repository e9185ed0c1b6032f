"""The lesson of the bill that was paid twice: put right by a move, by a refund, and wrongly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.ids import make_public_id
from payments.models import PaymentIntent
from payments.services.verifying import differences

if TYPE_CHECKING:
    from tests.training.floor import Floor, Learner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def learner(floor: Floor) -> Learner:
    """Somebody on the line with who paid twice."""
    learner = floor.learner("paid_twice")
    learner.answer()
    return learner


def payment(learner: Learner, *, is_free: bool) -> PaymentIntent:
    """The payment that is too much, or the one that stands on the bill."""
    own = PaymentIntent.objects.filter(customer=learner.customer)
    return own.get(surplus__gt=0) if is_free else own.get(surplus=0)


def move(learner: Learner) -> None:
    """Z: put what is free on the open bill."""
    address = f"/payments/{payment(learner, is_free=True).public_id}/surplus/"
    fields = {
        "operation": make_public_id("op"),
        "invoice": learner.customer.invoices.get(open_amount__gt=0).public_id,
        "amount": f"€{learner.run.amount / 100:.2f}",
    }
    answer = learner.client.post(address, fields)
    assert answer.status_code == 302, answer.text


def test_the_surplus_is_seen_and_pays_the_other_bill(learner: Learner) -> None:
    free = payment(learner, is_free=True)
    assert "Surplus" in learner.client.get(f"/payments/{free.public_id}/").text
    move(learner)
    learner.until(learner.has_ended)
    learner.wrap_up("paid")

    assert set(learner.until_over().values()) == {True}
    assert not learner.customer.invoices.filter(open_amount__gt=0).exists()
    assert list(differences()) == []


def test_the_surplus_is_given_back(learner: Learner) -> None:
    learner.refund(learner.run.amount, payment(learner, is_free=True))
    learner.until(learner.has_ended)
    learner.wrap_up("refunded")

    assert set(learner.until_over().values()) == {True}
    assert list(differences()) == []


def test_the_payment_that_was_right_is_not_the_one_to_give_back(learner: Learner) -> None:
    learner.refund(learner.run.amount, payment(learner, is_free=False))
    learner.hang_up()
    learner.wrap_up("refunded")

    assert learner.until_over() == {"put_right": False, "no_more": True, "wrapped": True}


def test_moved_and_given_back_is_too_much(learner: Learner) -> None:
    right = payment(learner, is_free=False)
    move(learner)
    learner.refund(learner.run.amount, right)
    learner.until(learner.has_ended)
    learner.wrap_up("paid")

    assert learner.until_over() == {"put_right": True, "no_more": False, "wrapped": True}


def test_who_does_nothing_about_it_has_put_nothing_right(learner: Learner) -> None:
    learner.hang_up()
    learner.wrap_up("call_back")

    assert learner.until_over() == {"put_right": False, "no_more": False, "wrapped": False}
    assert payment(learner, is_free=True).surplus == learner.run.amount
