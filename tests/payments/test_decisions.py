"""Two people decide about what a provider never answers for, and its own word still wins."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEvent
from crm.models import TimelineEntry
from payments import errors
from payments.models import (
    Capture,
    OutcomeDecision,
    PaymentEvent,
    ProviderOperation,
    ProviderReference,
    Transfer,
)
from payments.models.events import Source
from payments.services import charges, decisions
from payments.services.facts import own_event
from tests.factories import core as people
from tests.factories.payments import asked_refund
from tests.payments.deciding import Kind, Outcome, asked, decided, lost, refund_of, says, unknown

pytestmark = pytest.mark.django_db

MOVING = (Kind.CHARGE, Kind.CAPTURE, Kind.REFUND)
EVERY = (*MOVING, Kind.CANCEL, Kind.CREATE, Kind.CLOSE_SESSION)


def fresh(operation: ProviderOperation) -> ProviderOperation:
    return ProviderOperation.objects.select_related("intent", "attempt").get(pk=operation.pk)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.CARRIED_OUT, "done"), (Outcome.NOT_CARRIED_OUT, "not_executed")],
)
def test_what_two_people_decide_ends_an_unknown_operation(
    kind: Kind, outcome: Outcome, status: str
) -> None:
    operation = unknown(kind)
    assert operation.intent.blocked_by_unknown == (kind in MOVING)

    decided(operation, outcome)

    operation = fresh(operation)
    assert (operation.status, operation.resolve_at) == (status, None)
    assert not operation.intent.blocked_by_unknown
    assert not operation.intent.needs_review


def test_one_person_alone_changes_nothing() -> None:
    operation = unknown(Kind.REFUND)

    decision = asked(operation)

    assert (decision.status, fresh(operation).status) == ("awaiting", "unknown")
    assert fresh(operation).intent.blocked_by_unknown
    assert not PaymentEvent.objects.filter(source="operator", subject_kind="refund").exists()


def test_a_charge_that_was_carried_out_pays_the_invoice_and_is_receipted() -> None:
    operation = unknown(Kind.CHARGE)

    decided(operation, Outcome.CARRIED_OUT)

    intent = fresh(operation).intent
    assert (intent.status, intent.captured) == ("succeeded", 10_000)
    assert intent.items.get().invoice.open_amount == 0
    assert Transfer.objects.filter(subject=Capture.objects.get().public_id).count() == 2
    assert TimelineEntry.objects.filter(kind="payment_succeeded").count() == 1


def test_a_charge_that_was_not_carried_out_can_be_made_again() -> None:
    operation = unknown(Kind.CHARGE)
    method = operation.attempt.saved_method
    assert method is not None
    with pytest.raises(errors.OutcomeStillUnknown):
        charges.charge_saved_method(
            intent_id=operation.intent_id, method=method, actor=people.agent()
        )

    decided(operation, Outcome.NOT_CARRIED_OUT)

    again = charges.charge_saved_method(
        intent_id=operation.intent_id, method=method, actor=people.agent()
    )
    assert again.amount == 10_000


def test_a_refund_that_was_not_carried_out_frees_its_money() -> None:
    operation = lost(refund_of(amount=9_000))
    refund = operation.refund
    assert refund is not None

    decided(operation, Outcome.NOT_CARRIED_OUT)

    refund.refresh_from_db()
    assert (refund.status, refund.capture.refunded) == ("not_executed", 0)
    assert asked_refund(refund.capture, 40_000).status == "awaiting_approval"


@pytest.mark.parametrize("kind", [*MOVING, Kind.CANCEL])
@pytest.mark.parametrize("it_happened", [True, False])
def test_the_providers_word_that_agrees_moves_the_money_once(
    kind: Kind, *, it_happened: bool
) -> None:
    operation = unknown(kind)
    decided(operation, Outcome.CARRIED_OUT if it_happened else Outcome.NOT_CARRIED_OUT)
    before = fresh(operation).intent
    rows = Capture.objects.count()

    says(operation, it_happened=it_happened)

    intent = fresh(operation).intent
    for figure in ("captured", "refunded", "cancelled", "surplus"):
        assert getattr(intent, figure) == getattr(before, figure)
    assert Capture.objects.count() == rows
    assert not intent.needs_review


@pytest.mark.parametrize("kind", [*MOVING, Kind.CANCEL])
@pytest.mark.parametrize("it_happened", [True, False])
def test_the_providers_final_word_beats_what_was_decided(kind: Kind, *, it_happened: bool) -> None:
    operation, alone = unknown(kind), unknown(kind)
    decided(operation, Outcome.NOT_CARRIED_OUT if it_happened else Outcome.CARRIED_OUT)

    says(operation, it_happened=it_happened)
    says(alone, it_happened=it_happened)

    intent, other = fresh(operation).intent, fresh(alone).intent
    for figure in ("status", "captured", "refunded", "cancelled"):
        assert getattr(intent, figure) == getattr(other, figure)
    assert intent.review_reasons == ["decided_otherwise"]
    assert not other.needs_review


def test_money_that_was_not_given_back_after_all_is_the_customers_again() -> None:
    operation = lost(refund_of(40_000, 5_000))
    decided(operation, Outcome.CARRIED_OUT)

    says(operation, it_happened=False)

    intent = fresh(operation).intent
    assert (intent.captured, intent.refunded, intent.surplus) == (40_000, 0, 5_000)
    assert intent.needs_review


def test_a_page_that_is_paid_after_all_pays_though_it_was_decided_that_none_was_opened() -> None:
    operation = unknown(Kind.CREATE)
    decided(operation, Outcome.NOT_CARRIED_OUT)

    operation.kind = Kind.CHARGE
    says(operation, it_happened=True)

    intent = fresh(operation).intent
    assert (intent.status, intent.captured) == ("succeeded", 10_000)
    assert intent.review_reasons == ["decided_otherwise"]


def test_a_page_that_was_opened_after_all_is_closed() -> None:
    operation = unknown(Kind.CREATE)

    decided(operation, Outcome.CARRIED_OUT)

    closing = ProviderOperation.objects.get(kind="close_session")
    assert (closing.attempt_id, closing.status) == (operation.attempt_id, "created")


def test_what_was_typed_names_nothing_of_the_providers() -> None:
    operation = unknown(Kind.REFUND)
    known = ProviderReference.objects.count()

    decision = decisions.request_decision(
        operation_id=operation.pk,
        outcome=Outcome.CARRIED_OUT,
        reason="paid by 4242 4242 4242 4242",
        seen="re_3NxYz in the dashboard",
        requested_by=people.finance(),
    )
    decisions.approve_decision(decision_id=decision.pk, approver=people.supervisor())

    decision.refresh_from_db()
    assert "4242 4242" not in decision.reason
    assert decision.seen == "re_3NxYz in the dashboard"
    assert ProviderReference.objects.count() == known


def test_every_deed_is_audited_by_name() -> None:
    asking, approving = people.senior_agent(), people.finance()
    decision = asked(unknown(Kind.REFUND), by=asking)

    decisions.approve_decision(decision_id=decision.pk, approver=approving)

    rows = AuditEvent.objects.filter(object_id=decision.public_id).order_by("pk")
    assert [(row.action, row.actor_id) for row in rows] == [
        ("outcome.asked", asking.public_id),
        ("outcome.approved", approving.public_id),
    ]
    fact = PaymentEvent.objects.get(source="operator", subject_kind="refund")
    assert (fact.actor, fact.detail) == (approving, {"decision": decision.public_id})


def test_nobody_decides_about_their_own() -> None:
    person = people.finance()
    operation = unknown(Kind.REFUND)
    decision = asked(operation, by=person)

    with pytest.raises(errors.OwnRequest):
        decisions.approve_decision(decision_id=decision.pk, approver=person)
    with pytest.raises(errors.OwnRequest):
        decisions.refuse_decision(decision_id=decision.pk, approver=person, reason="no")

    decision.refresh_from_db()
    assert (decision.status, fresh(operation).status) == ("awaiting", "unknown")


def test_refusing_needs_a_reason_and_leaves_it_unknown() -> None:
    operation = unknown(Kind.REFUND)
    decision = asked(operation)
    with pytest.raises(errors.RefusalNeedsReason):
        decisions.refuse_decision(decision_id=decision.pk, approver=people.finance(), reason=" ")

    decisions.refuse_decision(decision_id=decision.pk, approver=people.finance(), reason="not so")

    decision.refresh_from_db()
    assert (decision.status, decision.refusal) == ("refused", "not so")
    assert fresh(operation).status == "unknown"
    assert asked(operation).status == "awaiting"


def test_only_who_asked_withdraws() -> None:
    person, operation = people.senior_agent(), unknown(Kind.REFUND)
    decision = asked(operation, by=person)
    with pytest.raises(errors.NotOwnRequest):
        decisions.withdraw_decision(decision_id=decision.pk, actor=people.finance())

    decisions.withdraw_decision(decision_id=decision.pk, actor=person)

    with pytest.raises(errors.AlreadyDecided, match="withdrawn"):
        decisions.approve_decision(decision_id=decision.pk, approver=people.finance())
    assert fresh(operation).status == "unknown"


def test_a_reason_is_needed_and_one_decision_waits_at_a_time() -> None:
    operation = unknown(Kind.REFUND)
    with pytest.raises(errors.DecisionNeedsReason):
        decisions.request_decision(
            operation_id=operation.pk,
            outcome=Outcome.CARRIED_OUT,
            reason=" ",
            requested_by=people.finance(),
        )
    asked(operation)

    with pytest.raises(errors.DecisionWaits):
        asked(operation)

    assert OutcomeDecision.objects.count() == 1


def test_nothing_is_decided_while_an_answer_may_still_come() -> None:
    operation = lost(refund_of(), timedelta(seconds=20))

    with pytest.raises(errors.DecisionTooEarly):
        asked(operation)

    assert not OutcomeDecision.objects.exists()


def test_a_repeat_that_was_sent_meanwhile_has_to_be_waited_for() -> None:
    operation = unknown(Kind.REFUND)
    decision = asked(operation)
    lost(operation, timedelta(seconds=1))
    ProviderOperation.objects.update(status="sent")

    with pytest.raises(errors.DecisionTooEarly):
        decisions.approve_decision(decision_id=decision.pk, approver=people.finance())

    assert not PaymentEvent.objects.filter(source="operator", subject_kind="refund").exists()
    ProviderOperation.objects.update(status="unknown")


def test_what_the_provider_answered_is_not_decided_any_more() -> None:
    operation = unknown(Kind.REFUND)
    decision = asked(operation)
    says(operation, it_happened=True)

    with pytest.raises(errors.OutcomeKnown):
        decisions.approve_decision(decision_id=decision.pk, approver=people.finance())
    with pytest.raises(errors.OutcomeKnown):
        asked(operation)

    decision.refresh_from_db()
    assert (decision.status, decision.decided_by) == ("awaiting", None)
    assert list(OutcomeDecision.objects.awaiting()) == []


def violated(refusal: pytest.ExceptionInfo[IntegrityError]) -> str | None:
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.CheckViolation | psycopg.errors.UniqueViolation)
    return cause.diag.constraint_name


def test_the_database_refuses_who_asked_as_who_decided() -> None:
    decision = asked(unknown(Kind.REFUND))

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        OutcomeDecision.objects.update(status="approved", decided_by=decision.requested_by)

    assert violated(refusal) == "decision_second_person"


def test_the_database_refuses_a_decision_that_nobody_made() -> None:
    asked(unknown(Kind.REFUND))

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        OutcomeDecision.objects.update(status="approved")

    assert violated(refusal) == "decision_names_who_decided"


def test_the_database_refuses_to_change_what_is_approved() -> None:
    decision = asked(unknown(Kind.REFUND))

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        OutcomeDecision.objects.update(
            outcome="not_carried_out", status="approved", decided_by=people.finance()
        )
    decisions.withdraw_decision(decision_id=decision.pk, actor=decision.requested_by)
    with pytest.raises(IntegrityError) as late, transaction.atomic():
        OutcomeDecision.objects.update(status="awaiting")

    assert (violated(refusal), violated(late)) == ("decision_kept", "decision_kept")


def test_the_database_refuses_a_persons_fact_that_no_second_one_approved() -> None:
    operation = unknown(Kind.REFUND)
    decision = asked(operation)
    assert operation.refund is not None

    for status in ("succeeded", "canceled"):
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            own_event(
                subject=("refund", operation.refund.public_id),
                status=status,
                source=Source.OPERATOR,
                intent_id=operation.intent_id,
                amount=operation.amount,
                currency="EUR",
                detail={"decision": decision.public_id},
            ).save()
        assert violated(refusal) == "event_decided_by_two"


def test_the_database_refuses_a_second_decision_about_one_operation() -> None:
    decision = asked(unknown(Kind.REFUND))

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        OutcomeDecision.objects.create(
            operation=decision.operation,
            outcome=Outcome.NOT_CARRIED_OUT,
            reason="no",
            requested_by=people.finance(),
        )

    assert violated(refusal) == "decision_one_for_an_operation"
