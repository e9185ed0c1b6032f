"""Approving what was decided at once, and while the provider speaks: each guard's anti-test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from payments.models import OutcomeDecision, PaymentEvent, ProviderOperation, Transfer
from payments.services import decisions, second_person
from tests.factories import core as people
from tests.payments.deciding import Kind, Outcome, asked, concluded, says, unknown
from tests.payments.test_races import at_once, without_row_locks, without_trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User

pytestmark = pytest.mark.django_db(transaction=True)


def approving(decision: OutcomeDecision, approver: User) -> Callable[[], OutcomeDecision]:
    return lambda: decisions.approve_decision(decision_id=decision.pk, approver=approver)


def facts(operation: ProviderOperation) -> int:
    return PaymentEvent.objects.filter(
        intent=operation.intent, source="operator", subject_kind="capture"
    ).count()


def test_many_who_approve_at_once_make_one_fact_and_move_the_money_once() -> None:
    operation = unknown(Kind.CHARGE)
    decision = asked(operation)

    results = at_once([approving(decision, people.finance()) for _ in range(8)])

    assert sum(isinstance(result, OutcomeDecision) for result in results) == 1
    assert facts(operation) == 1
    assert Transfer.objects.filter(pair="captured").count() == 1


def test_without_the_lock_a_charge_would_be_found_more_than_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    most = 0
    for _ in range(10):
        operation = unknown(Kind.CHARGE)
        decision = asked(operation)
        with (
            without_row_locks(monkeypatch),
            without_trigger("payments_outcomedecision", "payments_outcomedecision_kept"),
        ):
            results = at_once([approving(decision, people.finance()) for _ in range(8)])
        most = max(most, sum(isinstance(one, OutcomeDecision) for one in results), facts(operation))
        concluded(operation)
        if most > 1:
            break

    assert most > 1


@pytest.mark.parametrize("kind", [Kind.CHARGE, Kind.REFUND])
@pytest.mark.parametrize("it_happened", [True, False])
def test_approving_while_the_provider_speaks_ends_by_the_providers_word(
    kind: Kind, *, it_happened: bool
) -> None:
    outcome = Outcome.NOT_CARRIED_OUT if it_happened else Outcome.CARRIED_OUT
    for _ in range(3):
        operation = unknown(kind)
        decision = asked(operation, outcome)

        results = at_once(
            [
                approving(decision, people.finance()),
                lambda one=operation: says(one, it_happened=it_happened),  # type: ignore[misc]
            ]
        )

        operation.intent.refresh_from_db()
        intent = operation.intent
        moved = intent.refunded if kind == Kind.REFUND else intent.captured
        assert moved == (operation.amount if it_happened else 0)
        assert not intent.blocked_by_unknown
        was_first = isinstance(results[0], OutcomeDecision)
        assert intent.needs_review == was_first


def test_approving_while_it_is_withdrawn_ends_in_one_of_the_two() -> None:
    for _ in range(4):
        person, operation = people.senior_agent(), unknown(Kind.REFUND)
        decision = asked(operation, by=person)

        at_once(
            [
                approving(decision, people.finance()),
                lambda p=person, d=decision: decisions.withdraw_decision(  # type: ignore[misc]
                    decision_id=d.pk, actor=p
                ),
            ]
        )

        decision.refresh_from_db()
        operation.refresh_from_db()
        assert (decision.status, operation.status) in {
            ("approved", "done"),
            ("withdrawn", "unknown"),
        }


def test_two_who_find_at_once_leave_one_decision() -> None:
    operation = unknown(Kind.REFUND)

    at_once([lambda: asked(operation, by=people.finance()) for _ in range(6)])

    assert OutcomeDecision.objects.count() == 1


def test_the_database_refuses_who_asked_where_the_service_would_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    person, operation = people.finance(), unknown(Kind.REFUND)
    decision = asked(operation, by=person)
    monkeypatch.setattr(second_person, "refuse_who_asked", lambda *_: None)

    refused = at_once([approving(decision, person)])
    operation.refresh_from_db()

    assert "decision_second_person" in str(refused[0])
    assert operation.status == "unknown"
