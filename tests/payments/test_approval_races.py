"""Approving, refusing and withdrawing at once, each guard with its anti-test."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from core.models import Role, RoleLimit
from payments.models import ProviderOperation, Refund
from payments.models.events import Source
from payments.providers.base import SubjectKind
from payments.services import approvals, payment
from payments.services.apply import apply_snapshot
from payments.services.refunds import hold_limits
from tests.factories import core as people
from tests.factories.crm import CustomerFactory
from tests.factories.payments import asked_refund, news, paid_capture, paid_snapshot
from tests.payments.test_races import at_once, without_row_locks, without_trigger

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import ApiKey, User
    from core.money import Money
    from payments.models import Capture

pytestmark = pytest.mark.django_db(transaction=True)


def approving(refund: Refund, approver: User) -> Callable[[], Refund]:
    return lambda: approvals.approve_refund(refund_id=refund.pk, approver=approver)


def sent() -> int:
    return ProviderOperation.objects.filter(kind="refund").count()


def taken(amount: int = 40_000) -> Capture:
    return paid_capture(customer=CustomerFactory.create(), amount=amount)


def test_eight_who_approve_at_once_send_it_once() -> None:
    refund = asked_refund(taken())

    results = at_once([approving(refund, people.finance()) for _ in range(8)])

    assert sum(isinstance(result, Refund) for result in results) == 1
    assert sent() == 1


def test_without_the_lock_approving_at_once_would_send_it_more_than_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refund = asked_refund(taken())

    with without_row_locks(monkeypatch):
        at_once([approving(refund, people.finance()) for _ in range(8)])

    assert sent() > 1
    ProviderOperation.objects.filter(kind="refund").update(status="declined")


def test_approving_while_it_is_withdrawn_ends_in_one_of_the_two() -> None:
    for _ in range(6):
        person = people.agent()
        refund = asked_refund(taken(), by=person)
        before = sent()

        at_once(
            [
                approving(refund, people.finance()),
                lambda p=person, r=refund: approvals.withdraw_refund(refund_id=r.pk, actor=p),  # type: ignore[misc]
                approving(refund, people.supervisor()),
            ]
        )

        refund.refresh_from_db()
        assert (refund.status, sent() - before) in {("requested", 1), ("canceled", 0)}


def test_without_the_lock_a_withdrawn_refund_could_be_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = people.agent()
    refund = asked_refund(taken(), by=person)

    with without_row_locks(monkeypatch):
        approved_while_it_is_withdrawn(refund, person, monkeypatch, patience_s=30)

    refund.refresh_from_db()
    assert (refund.status, sent()) == ("canceled", 1)


def test_with_the_lock_an_approval_that_began_first_ends_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = people.agent()
    refund = asked_refund(taken(), by=person)

    approved_while_it_is_withdrawn(refund, person, monkeypatch, patience_s=1)

    refund.refresh_from_db()
    assert (refund.status, sent()) == ("requested", 1)


def approved_while_it_is_withdrawn(
    refund: Refund, person: User, monkeypatch: pytest.MonkeyPatch, *, patience_s: float
) -> None:
    """Withdraw in the midst of an approval: it has read, and not written yet.

    The withdrawal never comes to its end meanwhile where the approval holds the lock.
    """
    has_read, is_withdrawn = Event(), Event()

    def hold_limits_later(money: Money, approver: User | ApiKey) -> None:
        has_read.set()
        is_withdrawn.wait(patience_s)
        hold_limits(money, approver)

    def withdraw() -> None:
        assert has_read.wait(10)
        approvals.withdraw_refund(refund_id=refund.pk, actor=person)
        is_withdrawn.set()

    monkeypatch.setattr(approvals, "hold_limits", hold_limits_later)
    at_once([approving(refund, people.finance()), withdraw])


def test_the_day_of_an_approver_holds_however_many_are_approved_at_once() -> None:
    RoleLimit.objects.filter(role=Role.SUPERVISOR, currency="EUR").update(per_day=40_000)
    approver = people.supervisor()
    asked = [asked_refund(taken()) for _ in range(6)]

    at_once([approving(refund, approver) for refund in asked])

    assert sent() == 2


def test_without_its_lock_the_approvers_day_would_be_overdrawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    RoleLimit.objects.filter(role=Role.SUPERVISOR, currency="EUR").update(per_day=40_000)
    approver = people.supervisor()
    asked = [asked_refund(taken()) for _ in range(6)]
    monkeypatch.setattr(approvals, "one_at_a_time", lambda _person: None)

    at_once([approving(refund, approver) for refund in asked])

    assert sent() > 2


def dashboard(capture: Capture, amount: int) -> Callable[[], str]:
    """News that somebody gave money back in the provider's dashboard."""
    told = paid_snapshot(capture.attempt)
    snapshot = type(told)(
        attempt=told.attempt,
        captures=told.captures,
        refunds=(news(SubjectKind.REFUND, "succeeded", amount, f"re-{capture.public_id}"),),
    )
    account = capture.attempt.account
    return lambda: apply_snapshot(account=account, snapshot=snapshot, source=Source.WEBHOOK)


def test_approving_while_the_money_goes_back_elsewhere_asks_for_no_more_than_there_is() -> None:
    for _ in range(6):
        capture = taken()
        refund = asked_refund(capture, 30_000)
        before = sent()

        results = at_once([approving(refund, people.finance()), dashboard(capture, 40_000)])

        capture.refresh_from_db()
        first = isinstance(results[0], Refund)
        assert capture.refunded == 40_000
        # Approved before the news came it was right to send; after it nothing may leave.
        assert sent() - before == int(first)


def test_without_lock_and_trigger_money_that_is_gone_would_be_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    capture = taken()
    refund = asked_refund(capture, 30_000)
    dashboard(capture, 40_000)()
    monkeypatch.setattr(payment.Payment, "left_to_refund", lambda _self, _capture: 0)

    with without_trigger("payments_refund", "payments_refund_approval"):
        approving(refund, people.finance())()

    assert sent() == 1
