"""Lessons of agents, taken through the real doors: done well, and done badly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payments.models import CheckoutSession, PaymentAttempt, PaymentIntent
from payments.services.verifying import differences
from tests.clients import signed_in
from training.models import LessonRun

if TYPE_CHECKING:
    from tests.training.floor import Floor

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_link_that_is_sent_at_once_and_paid_has_the_whole_score(floor: Floor) -> None:
    learner = floor.learner("link_paid")
    learner.answer()
    learner.send_link()
    learner.until(learner.has_ended)
    learner.wrap_up("paid")

    checks = learner.until_over()

    assert (learner.run.score, set(checks.values())) == (100, {True})
    assert PaymentIntent.objects.get().captured == learner.run.amount
    assert list(differences()) == []


def test_who_hangs_up_early_and_wraps_up_wrongly_learns_what_to_do_better(floor: Floor) -> None:
    learner = floor.learner("link_paid")
    learner.answer()
    learner.hang_up()
    learner.wrap_up("promised")

    checks = learner.until_over()

    assert checks == {"link_soon": False, "paid": False, "stayed": False, "wrapped": False}
    assert learner.run.score == 0
    page = learner.client.get(f"/training/runs/{learner.run.public_id}/").text
    assert "Press L and Enter" in page


def test_a_declined_card_needs_no_second_link(floor: Floor) -> None:
    learner = floor.learner("declined")
    learner.answer()
    learner.send_link()
    learner.until(learner.has_ended)
    learner.wrap_up("paid")

    assert set(learner.until_over().values()) == {True}
    assert CheckoutSession.objects.count() == 1


def test_a_link_that_lapsed_is_sent_again(floor: Floor) -> None:
    learner = floor.learner("lapsed")
    learner.answer()
    learner.send_link()
    learner.until(lambda: CheckoutSession.objects.filter(status="expired").exists())
    learner.send_link()
    learner.until(learner.has_ended)
    learner.wrap_up("paid")

    assert set(learner.until_over().values()) == {True}


def test_while_a_charge_is_unknown_waiting_is_what_scores(floor: Floor) -> None:
    learner = floor.learner("unknown")
    learner.answer()
    method = learner.customer.payment_methods.get()
    learner.take(saved_method=str(method.public_id))
    learner.until(learner.has_ended)
    learner.wrap_up("paid")

    assert set(learner.until_over().values()) == {True}
    own = PaymentAttempt.objects.filter(intent__agent=learner.user)
    assert [one.status for one in own] == ["authorised"]
    assert own.get().operations.get(kind="charge").has_lost_answer


def test_when_the_provider_is_away_another_way_scores(floor: Floor) -> None:
    learner = floor.learner("provider_down")
    learner.answer()
    learner.send_link()
    learner.until(lambda: learner.run.beat >= 5)
    assert "does not answer" in learner.client.get("/training/strip/").text
    learner.promise()
    learner.until(learner.has_ended)
    learner.wrap_up("promised")

    assert set(learner.until_over().values()) == {True}


def test_a_lesson_is_gone_on_with_after_a_reload_and_in_another_browser(floor: Floor) -> None:
    learner = floor.learner("link_paid")
    learner.answer()
    learner.until(lambda: learner.run.beat >= 2)

    strip = learner.client.get("/training/strip/").text

    assert "I have a bill of €" in strip
    assert "Hang up" in strip
    again = signed_in(learner.user)
    assert "I have a bill of €" not in again.get("/training/strip/").text
    again.post("/training/go-on/")
    assert "I have a bill of €" in again.get("/training/strip/").text
    assert LessonRun.objects.count() == 1
