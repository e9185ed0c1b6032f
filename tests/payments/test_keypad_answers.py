"""A start or a charge without an answer: it blocks, and only somebody's word ends that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from payments.models import OutcomeDecision, ProviderOperation
from payments.services import decisions, keypads, operations, resolver
from tests.factories import core as people
from tests.payments.keypad_play import Play
from tests.sandbox.server import sandbox, sandbox_process

if TYPE_CHECKING:
    from tests.sandbox.server import SandboxServer

__all__ = ["sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def play(sandbox: SandboxServer) -> Play:
    return Play(people.agent(), sandbox)


def test_a_lost_start_blocks_and_the_gateways_word_ends_it(play: Play) -> None:
    play.sandbox.next_fault("error_after", "push")
    play.panel.take(destination="", is_keypad="1")
    operations.drain()

    page = play.panel.page()
    link = play.panel.take()
    blocked = play.intent.blocked_by_unknown

    assert play.operation("push").status == "unknown"
    assert "Do not retry yet" in page
    assert link.status_code == 409
    assert blocked

    resolve_now()

    assert play.operation("push").status == "done"
    assert not play.intent.blocked_by_unknown
    assert play.steps()[-1] == "asked card_number"


def test_a_start_that_never_arrived_frees_the_payment(play: Play) -> None:
    play.sandbox.next_fault("reset_before", "push")
    play.panel.take(destination="", is_keypad="1")
    operations.drain()
    ProviderOperation.objects.update(last_sent_at=timezone.now() - 2 * keypads.FINDABLE)

    resolve_now()

    assert play.operation("push").status == "not_executed"
    assert play.attempt.status == "not_executed"
    assert not play.intent.blocked_by_unknown


def test_a_lost_charge_blocks_and_is_never_charged_twice(play: Play) -> None:
    play.begin()
    play.key_all()
    play.sandbox.next_fault("error_after", "confirm")

    play.act("keypad/charge")
    blocked, state = play.intent.blocked_by_unknown, play.operation("confirm").status
    refused = play.panel.take()
    resolve_now()

    assert (blocked, state, refused.status_code) == (True, "unknown", 409)
    assert play.intent.status == "succeeded"
    assert len(play.sandbox.effects(play.attempt.public_id, "capture")) == 1


def test_two_people_can_decide_what_became_of_a_charge_that_is_never_answered(play: Play) -> None:
    play.begin()
    play.key_all()
    play.panel.act(play.intent, "keypad/charge")
    confirm = play.operation("confirm")
    long_ago = timezone.now() - 2 * keypads.FINDABLE
    ProviderOperation.objects.filter(pk=confirm.pk).update(
        status="unknown", sends=1, first_sent_at=long_ago, last_sent_at=long_ago
    )

    decision = decisions.request_decision(
        operation_id=confirm.pk,
        outcome=OutcomeDecision.Outcome.CARRIED_OUT,
        reason="seen in the dashboard",
        requested_by=people.finance(),
    )
    decisions.approve_decision(decision_id=decision.pk, approver=people.supervisor())

    assert play.operation("confirm").status == "done"
    assert play.intent.status == "succeeded"


def test_a_charge_that_was_refused_can_be_asked_for_again(play: Play) -> None:
    play.begin()
    play.key_all()
    play.sandbox.next_fault("unavailable", "confirm")

    play.act("keypad/charge")
    page = play.panel.page()
    play.act("keypad/charge")

    assert "Nothing was charged" in page
    assert play.intent.status == "succeeded"


def resolve_now() -> None:
    ProviderOperation.objects.filter(resolve_at__isnull=False).update(
        resolve_at=timezone.now(), lease_until=None
    )
    resolver.run()
    operations.drain()
