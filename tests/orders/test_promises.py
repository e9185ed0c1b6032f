"""Promises: what they refuse, what keeps and what breaks them, and that they end once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import DomainError
from core.jobs import business_date
from core.models import AuditEvent
from core.money import Money
from crm import wrapping
from crm.models import OutgoingMessage, Task, TimelineEntry
from crm.services import merging, timeline
from orders import errors, tasks
from orders.models import InvoiceHold, PromiseToPay
from orders.services import promises
from orders.services.allocate import take_back
from orders.services.credit import issue_credit_note
from tests.factories.calls import ring, tell
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.orders.promising import Scene, held, scene, status_of, told

__all__ = ["scene"]

pytestmark = pytest.mark.django_db


# Making one


def test_a_promise_holds_its_invoices_and_is_told_and_audited(scene: Scene) -> None:
    made = scene.promise()

    assert made.status == "open"
    assert (made.amount, made.made_by) == (18_490, scene.user)
    assert held() == 2
    assert told() == ["promise.made"]
    assert "184.90" in timeline.describe(TimelineEntry.objects.get())
    assert AuditEvent.objects.get(action="promise.made").object_id == made.public_id
    assert not OutgoingMessage.objects.exists()


def refusals() -> list[Any]:
    return [
        pytest.param({"invoices": []}, errors.NothingToArrange, id="nothing"),
        pytest.param({"amount": 18_491}, errors.MoreThanOpen, id="more than open"),
        pytest.param({"amount": 0}, errors.AmountUnusable, id="zero"),
        pytest.param({"currency": "SEK"}, errors.InvoiceInOtherCurrency, id="other currency"),
        pytest.param({"days": -1}, errors.PromiseDayUnusable, id="yesterday"),
        pytest.param({"days": 15}, errors.PromiseDayUnusable, id="too late"),
    ]


@pytest.mark.parametrize(("changes", "error"), refusals())
def test_a_refused_promise_changes_nothing(
    scene: Scene, changes: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        scene.promise(**changes)

    assert not PromiseToPay.objects.exists()
    assert not InvoiceHold.objects.exists()
    assert told() == []
    assert not AuditEvent.objects.exists()


def test_nobody_promises_for_the_invoices_of_somebody_else(scene: Scene) -> None:
    with pytest.raises(errors.InvoiceNotTheirs):
        scene.promise(invoices=[scene.fibre, InvoiceFactory.create()])

    assert not PromiseToPay.objects.exists()


def test_nobody_promises_what_is_paid(scene: Scene) -> None:
    scene.pay(scene.fibre, 7_990)

    with pytest.raises(errors.InvoiceSettled):
        scene.promise()

    assert not PromiseToPay.objects.exists()


def test_an_invoice_waits_for_one_promise_at_a_time(scene: Scene) -> None:
    first = scene.promise(invoices=[scene.fibre], amount=7_990)

    with pytest.raises(errors.AlreadyArranged):
        scene.promise()
    promises.withdraw_promise(promise=first, actor=scene.user)
    second = scene.promise()

    assert [status_of(one) for one in (first, second)] == ["withdrawn", "open"]
    assert held() == 2


def test_the_last_day_of_the_policy_may_be_promised(scene: Scene) -> None:
    assert scene.promise(days=14).due_on == promises.latest_day()


# Kept by money


def test_money_that_reaches_the_promise_keeps_it(scene: Scene) -> None:
    promise = scene.promise()

    scene.pay(scene.fibre, 7_990)
    assert status_of(promise) == "open"
    scene.pay(scene.router, 10_500)

    assert status_of(promise) == "kept"
    assert held() == 0
    assert told() == ["promise.made", "promise.kept"]
    assert AuditEvent.objects.get(action="promise.kept").actor_kind == "job"


def test_only_money_that_came_since_counts(scene: Scene) -> None:
    scene.pay(scene.router, 6_000)
    promise = scene.promise(invoices=[scene.router], amount=4_000)

    scene.pay(scene.router, 3_999)
    assert status_of(promise) == "open"
    scene.pay(scene.router, 1)

    assert status_of(promise) == "kept"


def test_money_that_went_back_does_not_count(scene: Scene) -> None:
    promise = scene.promise(invoices=[scene.router], amount=10_000)
    scene.pay(scene.router, 9_000, source="cap_a")
    take_back(source_id="cap_a", amount=Money(9_000, "EUR"), cause="cap_a:back")

    scene.pay(scene.router, 9_500, source="cap_b")

    assert status_of(promise) == "open"


def test_a_promise_is_kept_when_nothing_is_left_to_pay(scene: Scene) -> None:
    promise = scene.promise()
    issue_credit_note(invoice=scene.router, amount=Money(10_500, "EUR"), actor=scene.user)

    scene.pay(scene.fibre, 7_990)

    assert status_of(promise) == "kept"


def test_money_that_is_told_twice_is_told_once(scene: Scene) -> None:
    scene.promise(invoices=[scene.fibre], amount=7_990)

    for _ in range(2):
        scene.pay(scene.fibre, 7_990)

    assert told() == ["promise.made", "promise.kept"]


def test_money_without_a_promise_costs_no_statement_more(scene: Scene) -> None:
    scene.promise(invoices=[scene.router], amount=10_500)

    with connection.execute_wrapper(_no_promises):
        scene.pay(scene.fibre, 7_990)

    assert held() == 1


def _no_promises(execute: Any, sql: str, *rest: Any) -> Any:
    assert "orders_promisetopay" not in sql
    return execute(sql, *rest)


# Broken by its day


def test_a_promise_stands_until_the_end_of_its_day(scene: Scene) -> None:
    promise = scene.promise(days=0)

    assert promises.break_overdue(business_date()) == 0
    assert status_of(promise) == "open"
    assert promises.break_overdue(business_date() + dt.timedelta(days=1)) == 1
    assert status_of(promise) == "broken"
    assert held() == 0
    assert told() == ["promise.made", "promise.broken"]
    assert AuditEvent.objects.get(action="promise.broken").actor_id == "break_promises"


def test_the_job_breaks_once_a_day_and_once_a_promise(scene: Scene) -> None:
    scene.let_days_pass(scene.promise(), 8)

    for _ in range(3):
        tasks.break_promises()
        promises.break_overdue(business_date())

    assert told() == ["promise.made", "promise.broken"]


def test_a_promise_whose_invoices_were_credited_is_not_broken(scene: Scene) -> None:
    promise = scene.promise(invoices=[scene.fibre], amount=7_990)
    issue_credit_note(invoice=scene.fibre, amount=Money(7_990, "EUR"), actor=scene.user)
    scene.let_days_pass(promise, 8)

    assert promises.break_overdue(business_date()) == 0
    assert status_of(promise) == "kept"


def test_money_that_comes_late_leaves_a_promise_broken(scene: Scene) -> None:
    promise = scene.promise()
    scene.let_days_pass(promise, 8)
    promises.break_overdue(business_date())

    scene.pay(scene.fibre, 7_990)
    scene.pay(scene.router, 10_500)

    assert status_of(promise) == "broken"


def test_many_are_broken_in_batches(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promises, "BATCH", 2)
    for _ in range(5):
        own = InvoiceFactory.create(customer=scene.customer, total=100)
        scene.let_days_pass(scene.promise(100, invoices=[own]), 8)

    assert promises.break_overdue(business_date()) == 5
    assert PromiseToPay.objects.filter(broken_at=None).count() == 0


def test_a_broken_promise_is_one_task_for_a_person(scene: Scene) -> None:
    promise = scene.promise()
    scene.let_days_pass(promise, 8)

    for _ in range(2):
        promises.break_overdue(business_date())

    task = Task.objects.get()
    assert (task.kind, task.customer, task.cause) == (
        "promise_broken",
        scene.customer,
        promise.public_id,
    )
    assert task.assigned_to is None


def test_a_promise_hangs_on_the_call_and_is_told_for_its_wrap_up(scene: Scene) -> None:
    call = tell(ring(scene.user), "answered", 1)
    kept = scene.promise(7_990, invoices=[scene.fibre])
    withdrawn = scene.promise(10_500, invoices=[scene.router])
    promises.withdraw_promise(promise=withdrawn, actor=scene.user)

    (deed,) = wrapping.deeds_of(call)

    assert kept.call == call
    assert deed.outcome == "promised"
    assert deed.sentence.startswith("Promised €79.90 by ")


# Withdrawn


def test_withdrawing_twice_is_told_once(scene: Scene) -> None:
    promise = scene.promise()

    for _ in range(2):
        promises.withdraw_promise(promise=promise, actor=scene.user)

    assert status_of(promise) == "withdrawn"
    assert (held(), told()) == (0, ["promise.made", "promise.withdrawn"])


def test_a_promise_that_ended_is_not_withdrawn(scene: Scene) -> None:
    promise = scene.promise(invoices=[scene.fibre], amount=7_990)
    scene.pay(scene.fibre, 7_990)

    with pytest.raises(errors.PromiseEnded):
        promises.withdraw_promise(promise=promise, actor=scene.user)

    assert status_of(promise) == "kept"
    assert told() == ["promise.made", "promise.kept"]


def test_the_database_lets_a_promise_end_once(scene: Scene) -> None:
    promise = scene.promise()
    promises.withdraw_promise(promise=promise, actor=scene.user)

    with pytest.raises(IntegrityError, match="promise_ends_once"), transaction.atomic():
        PromiseToPay.objects.filter(pk=promise.pk).update(broken_at=promise.created_at)


def test_a_promise_follows_a_merge_and_its_undoing(scene: Scene) -> None:
    promise = scene.promise()
    target = CustomerFactory.create()

    merge = merging.merge_customers(source=scene.customer, target=target, actor=scene.user)
    promise.refresh_from_db()
    assert promise.customer == target
    merging.unmerge_customers(merge, scene.user)

    promise.refresh_from_db()
    assert promise.customer == scene.customer
