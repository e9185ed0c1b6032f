"""Refunds above a limit: who may decide, what is held meanwhile, and what the database refuses."""

from __future__ import annotations

import psycopg
import pytest
from django.db import IntegrityError, transaction

from core import policy
from core.models import AuditEvent, Role, RoleLimit
from core.money import Money
from payments import errors
from payments.models import Capture, PaymentEvent, ProviderOperation, Refund
from payments.models.events import Source
from payments.providers.base import News, RefundRequest, SubjectKind
from payments.services import approvals
from payments.services.apply import apply_snapshot
from payments.services.refunds import left_today
from tests.api import Api
from tests.factories import core as people
from tests.factories.crm import CustomerFactory
from tests.factories.payments import asked_refund, news, paid_capture, paid_snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def capture() -> Capture:
    return paid_capture(customer=CustomerFactory.create(), amount=40_000)


def sent() -> int:
    return ProviderOperation.objects.filter(kind="refund").count()


def refunded_elsewhere(capture: Capture, amount: int) -> None:
    """Somebody gives money back in the provider's own dashboard."""
    elsewhere: News = news(SubjectKind.REFUND, "succeeded", amount, "re-dashboard")
    snapshot = paid_snapshot(capture.attempt)
    apply_snapshot(
        account=capture.attempt.account,
        snapshot=type(snapshot)(
            attempt=snapshot.attempt, captures=snapshot.captures, refunds=(elsewhere,)
        ),
        source=Source.WEBHOOK,
    )


def test_a_refund_above_the_limit_holds_the_money_and_is_not_sent(capture: Capture) -> None:
    refund = asked_refund(capture, 30_000)

    assert (refund.status, refund.above_limit) == ("awaiting_approval", "per_refund")
    assert sent() == 0
    with pytest.raises(errors.RefundExceedsCapture, match=r"Only €100\.00"):
        asked_refund(capture, 10_001)
    assert AuditEvent.objects.filter(action="refund.requested").count() == 1


def test_what_is_above_the_day_waits_too_and_uses_nothing_of_it(capture: Capture) -> None:
    person = people.agent()
    RoleLimit.objects.filter(role=Role.AGENT, currency="EUR").update(per_day=12_000)
    asked_refund(capture, 9_000, person)

    refund = asked_refund(capture, 9_000, person)

    assert (refund.status, refund.above_limit) == ("awaiting_approval", "per_day")
    assert left_today(person, "EUR") == Money(3_000, "EUR")


def test_what_nobody_could_approve_is_refused(capture: Capture) -> None:
    large = paid_capture(customer=CustomerFactory.create(), amount=900_000)

    with pytest.raises(errors.RefundAboveEveryLimit, match=r"more than €5,000\.00"):
        asked_refund(large, 500_001)

    assert Refund.objects.count() == 0


def test_who_may_refund_nothing_may_not_ask_either(capture: Capture) -> None:
    with pytest.raises(errors.RefundAboveLimit):
        asked_refund(capture, 100, people.admin())

    assert Refund.objects.count() == 0


def test_a_second_person_lets_it_go_and_is_named(capture: Capture) -> None:
    refund, approver = asked_refund(capture), people.supervisor()

    approvals.approve_refund(refund_id=refund.pk, approver=approver)

    refund.refresh_from_db()
    assert (refund.status, refund.decided_by) == ("requested", approver)
    assert sent() == 1
    deed = AuditEvent.objects.get(action="refund.approved")
    assert (deed.actor_id, deed.object_id) == (approver.public_id, refund.public_id)
    step = PaymentEvent.objects.get(subject_kind="approval", status="approved")
    assert (step.actor, step.amount) == (approver, 15_000)


def test_what_was_approved_counts_in_the_approvers_day(capture: Capture) -> None:
    refund, approver = asked_refund(capture), people.supervisor()
    before = left_today(approver, "EUR")

    approvals.approve_refund(refund_id=refund.pk, approver=approver)

    assert before - left_today(approver, "EUR") == Money(15_000, "EUR")


def test_nobody_approves_or_refuses_their_own(capture: Capture) -> None:
    person = people.supervisor()
    RoleLimit.objects.filter(role=Role.SUPERVISOR, currency="EUR").update(per_refund=10_000)
    refund = asked_refund(capture, 20_000, person)
    RoleLimit.objects.filter(role=Role.SUPERVISOR, currency="EUR").update(per_refund=90_000)

    with pytest.raises(errors.OwnRequest):
        approvals.approve_refund(refund_id=refund.pk, approver=person)
    with pytest.raises(errors.OwnRequest):
        approvals.refuse_refund(refund_id=refund.pk, approver=person, reason="no")

    refund.refresh_from_db()
    assert (refund.status, sent()) == ("awaiting_approval", 0)


def test_a_key_of_who_asked_approves_nothing(capture: Capture) -> None:
    program = Api(*policy.Permission)
    refund = asked_refund(capture, 15_000, people.agent())
    Refund.objects.update(requested_by=program.key.owner)

    answer = program.post(f"refunds/{refund.public_id}/approve")

    assert (answer.status_code, answer.data["code"]) == (403, "own_request")
    assert sent() == 0


@pytest.mark.parametrize(
    ("column", "refusal"),
    [("per_refund", errors.RefundAboveLimit), ("per_day", errors.RefundAboveDayLimit)],
)
def test_the_approvers_own_limits_cover_it_or_it_waits_on(
    capture: Capture, column: str, refusal: type[Exception]
) -> None:
    refund = asked_refund(capture)
    RoleLimit.objects.filter(role=Role.SUPERVISOR, currency="EUR").update(**{column: 14_999})

    with pytest.raises(refusal):
        approvals.approve_refund(refund_id=refund.pk, approver=people.supervisor())

    refund.refresh_from_db()
    assert (refund.status, refund.decided_by, sent()) == ("awaiting_approval", None, 0)


def test_refusing_needs_a_reason_and_frees_the_money(capture: Capture) -> None:
    refund = asked_refund(capture, 40_000)
    with pytest.raises(errors.RefusalNeedsReason):
        approvals.refuse_refund(refund_id=refund.pk, approver=people.finance(), reason=" ")

    approvals.refuse_refund(refund_id=refund.pk, approver=people.finance(), reason="too late")

    refund.refresh_from_db()
    assert (refund.status, refund.refusal, sent()) == ("canceled", "too late", 0)
    assert AuditEvent.objects.get(action="refund.refused").reason == "too late"
    assert asked_refund(capture, 40_000).status == "awaiting_approval"


def test_only_who_asked_withdraws(capture: Capture) -> None:
    person = people.agent()
    refund = asked_refund(capture, 15_000, person)
    with pytest.raises(errors.NotOwnRequest):
        approvals.withdraw_refund(refund_id=refund.pk, actor=people.supervisor())

    approvals.withdraw_refund(refund_id=refund.pk, actor=person)

    refund.refresh_from_db()
    assert (refund.status, refund.decided_by, sent()) == ("canceled", None, 0)


def test_what_was_decided_stays_decided(capture: Capture) -> None:
    person = people.agent()
    refund = asked_refund(capture, 15_000, person)
    approvals.refuse_refund(refund_id=refund.pk, approver=people.finance(), reason="no")

    with pytest.raises(errors.AlreadyDecided, match="cancelled"):
        approvals.approve_refund(refund_id=refund.pk, approver=people.supervisor())
    with pytest.raises(errors.AlreadyDecided):
        approvals.withdraw_refund(refund_id=refund.pk, actor=person)

    assert sent() == 0


def test_money_that_went_back_elsewhere_is_not_given_back_again(capture: Capture) -> None:
    refund = asked_refund(capture, 30_000)
    refunded_elsewhere(capture, 20_000)

    with pytest.raises(errors.RefundExceedsCapture, match=r"Only €200\.00"):
        approvals.approve_refund(refund_id=refund.pk, approver=people.finance())

    refund.refresh_from_db()
    assert (refund.status, sent()) == ("awaiting_approval", 0)


def test_nothing_is_approved_while_an_answer_is_missing(capture: Capture) -> None:
    refund = asked_refund(capture)
    type(capture.attempt.intent).objects.update(blocked_by_unknown=True)

    with pytest.raises(errors.OutcomeStillUnknown):
        approvals.approve_refund(refund_id=refund.pk, approver=people.finance())

    assert sent() == 0
    type(capture.attempt.intent).objects.update(blocked_by_unknown=False)


def violated(refusal: pytest.ExceptionInfo[IntegrityError]) -> str | None:
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.errors.CheckViolation)
    return cause.diag.constraint_name


def test_the_database_refuses_who_asked_as_who_decided(capture: Capture) -> None:
    refund = asked_refund(capture)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(decided_by=refund.requested_by)

    assert violated(refusal) == "refund_second_person"


def test_the_database_refuses_to_let_it_go_undecided(capture: Capture) -> None:
    refund = asked_refund(capture)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(status="requested")

    assert violated(refusal) == "refund_above_limit_decided"


def test_the_database_refuses_to_let_go_what_is_not_there(capture: Capture) -> None:
    refund = asked_refund(capture, 30_000)
    refunded_elsewhere(capture, 20_000)

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        Refund.objects.filter(pk=refund.pk).update(status="requested", decided_by=people.finance())

    assert violated(refusal) == "refund_within_capture"


def test_the_database_refuses_to_send_what_nobody_approved(capture: Capture) -> None:
    refund, other = asked_refund(capture), asked_refund(capture, 9_000)
    operation = ProviderOperation.objects.get(refund=other)
    operation.pk, operation.public_id, operation.key = None, "op_again", "again"
    operation.refund = refund

    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        operation.save(force_insert=True)

    assert violated(refusal) == "refund_approved_before_sent"


def test_a_refund_names_a_capture_and_no_other_way_back() -> None:
    pointing = {field.name for field in Refund._meta.get_fields() if field.is_relation}
    asked = set(RefundRequest.__dataclass_fields__)

    own = {"capture", "call", "requested_by", "decided_by", "provideroperation"}
    assert pointing == {*own, "invoice", "lines"}
    assert asked == {
        *("key", "refund_id", "attempt_id", "references", "capture_references"),
        *("amount", "reason"),
    }
