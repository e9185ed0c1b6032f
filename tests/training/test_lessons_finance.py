"""Lessons of finance, worked off on the very pages that finance has."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from core.ids import make_public_id
from payments.models import PaymentIntent, Refund, WebhookEvent
from payments.services.verifying import differences
from tests.factories.core import finance

if TYPE_CHECKING:
    from tests.training.floor import Floor, Learner

pytestmark = pytest.mark.django_db(transaction=True)


def decide(learner: Learner, what: str, reason: str = "") -> None:
    learner.until(Refund.objects.exists)
    refund = Refund.objects.get()
    assert refund.public_id in learner.client.get("/payments/approvals/").text
    form = {"operation": make_public_id("op"), "reason": reason}
    learner.client.post(f"/payments/approvals/{refund.public_id}/{what}/", form)


def write_task(learner: Learner, text: str) -> None:
    form = {
        "kind": "follow_up",
        "due_at": f"{timezone.localtime() + timedelta(days=1):%Y-%m-%dT%H:%M}",
        "text": text,
        "operation": make_public_id("task"),
    }
    address = f"/customers/{learner.customer.public_id}/tasks/new/"
    answer = learner.client.post(address, form)
    assert answer.status_code == 302, answer.content[-900:]


def test_a_sound_refund_is_approved(floor: Floor) -> None:
    learner = floor.learner("approve", finance())
    decide(learner, "approve")

    assert set(learner.until_over().values()) == {True}


def test_an_unsound_one_is_refused_with_a_reason_that_can_be_told(floor: Floor) -> None:
    learner = floor.learner("refuse", finance())
    decide(learner, "refuse", "The customer keeps the goods.")

    assert set(learner.until_over().values()) == {True}


def test_who_approves_what_is_unsound_has_few_points(floor: Floor) -> None:
    learner = floor.learner("refuse", finance())
    decide(learner, "approve")

    assert learner.until_over() == {"refused": False, "reason": False, "promptly": True}
    assert learner.run.score == 20


def test_a_parked_delivery_is_worked_off_again(floor: Floor) -> None:
    learner = floor.learner("parked", finance())
    parked = WebhookEvent.objects.filter(state="parked")
    learner.until(parked.exists)
    event = parked.get()
    assert f"/payments/parked/{event.pk}/" in learner.client.get("/payments/parked/").text

    learner.client.post(f"/payments/parked/{event.pk}/replay/")

    assert set(learner.until_over().values()) == {True}


def test_a_payment_that_needs_a_look_becomes_a_task(floor: Floor) -> None:
    learner = floor.learner("review", finance())
    learner.until(lambda: PaymentIntent.objects.filter(needs_review=True).exists())
    assert learner.customer.name in learner.client.get("/payments/review/").text
    write_task(learner, "Ask why 33 euros went back there")

    assert set(learner.until_over().values()) == {True}


@pytest.mark.parametrize("point", [".", ","])
def test_the_books_are_verified_by_what_the_ledger_of_the_payment_says(
    floor: Floor, point: str
) -> None:
    learner = floor.learner("verify_books", finance())
    learner.until(lambda: learner.run.beat >= 3)
    intent = PaymentIntent.objects.get(customer=learner.customer)
    page = learner.client.get(f"/payments/{intent.public_id}/").text
    assert "In the ledger" in page
    taken = f"{intent.captured / 100:.2f}"
    assert taken in page
    write_task(learner, f"Taken {taken}, left 80.50".replace(".", point))

    assert learner.until_over() == {"taken": True, "left": True, "untouched": True}
    assert list(differences()) == []


def test_who_guesses_and_moves_money_meanwhile_has_not_verified_anything(floor: Floor) -> None:
    learner = floor.learner("verify_books", finance())
    learner.until(lambda: learner.run.beat >= 3)
    learner.refund(100)
    write_task(learner, "Taken 1,080.50 and left 80.5")

    assert learner.until_over() == {"taken": False, "left": False, "untouched": False}
    assert learner.run.score == 0
