"""Instalment plans: made, paid by whatever comes, broken and withdrawn."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.errors import DomainError
from core.jobs import business_date
from core.models import AuditEvent
from core.money import Money
from crm.models import OutgoingMessage, Task, TimelineEntry
from orders import errors
from orders.models import Instalment, InstalmentPlan, InvoiceHold
from orders.services import plan_progress, plans
from orders.services.allocate import take_back
from orders.services.credit import issue_credit_note
from orders.tasks import miss_instalments
from tests.factories.crm import CustomerFactory
from tests.factories.orders import InvoiceFactory
from tests.orders.planning import Scene, held, scene, statuses, told

__all__ = ["scene"]

pytestmark = pytest.mark.django_db


def nothing_is_written() -> bool:
    return not any(
        model.objects.exists()
        for model in (InstalmentPlan, Instalment, InvoiceHold, TimelineEntry, OutgoingMessage)
    )


# Making


def test_a_plan_has_its_parts_and_its_invoices_wait_for_it(scene: Scene) -> None:
    plan = scene.plan(first_on=business_date() + dt.timedelta(days=1))

    parts = list(plan.instalments.order_by("position"))
    assert [part.amount for part in parts] == [6_164, 6_163, 6_163]
    assert parts[0].due_on == business_date() + dt.timedelta(days=1)
    assert statuses(plan) == ["active", "due", "due", "due"]
    assert held() == 2
    assert told() == ["plan.made"]
    assert AuditEvent.objects.filter(action="plan.made").count() == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"parts": 1}, errors.PartsUnusable),
        ({"parts": 13}, errors.PartsUnusable),
        ({"amount": 2, "parts": 3}, errors.PartsUnusable),
        ({"amount": 0}, errors.AmountUnusable),
        ({"amount": 18_491}, errors.MoreThanOpen),
        ({"invoices": []}, errors.NothingToArrange),
        ({"currency": "SEK"}, errors.InvoiceInOtherCurrency),
        ({"first_on": business_date() - dt.timedelta(days=1)}, errors.FirstDayUnusable),
        ({"first_on": business_date() + dt.timedelta(days=350)}, errors.PlanTooLong),
        ({"first_on": dt.date.max}, errors.PlanTooLong),
    ],
)
def test_what_cannot_be_planned_is_refused_and_nothing_is_written(
    scene: Scene, changes: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        scene.plan(**changes)

    assert nothing_is_written()


def test_the_house_may_allow_fewer_parts(scene: Scene, settings: Any) -> None:
    settings.INSTALMENT_MOST_PARTS = 4

    with pytest.raises(errors.PartsUnusable, match="from 2 to 4 parts"):
        scene.plan(parts=5)

    assert nothing_is_written()


def test_nobody_plans_the_invoices_of_somebody_else(scene: Scene) -> None:
    with pytest.raises(errors.InvoiceNotTheirs):
        scene.plan(invoices=[InvoiceFactory.create()])

    assert nothing_is_written()


def test_an_invoice_waits_for_one_promise_or_plan(scene: Scene) -> None:
    scene.promise(amount=7_990, invoices=[scene.fibre])

    with pytest.raises(errors.AlreadyArranged):
        scene.plan()

    assert not InstalmentPlan.objects.exists()
    scene.plan(amount=10_500, invoices=[scene.router])
    with pytest.raises(errors.AlreadyArranged):
        scene.promise(amount=10_500, invoices=[scene.router])
    assert held() == 2


def test_the_database_holds_an_invoice_for_one_plan_only(scene: Scene) -> None:
    plan = scene.plan()

    with pytest.raises(IntegrityError, match="hold_one_arrangement"), transaction.atomic():
        InvoiceHold.objects.create(invoice=scene.fibre, kind="plan", plan=plan, allocated_before=0)
    with pytest.raises(IntegrityError, match="hold_has_its_cause"), transaction.atomic():
        InvoiceHold.objects.create(invoice=InvoiceFactory.create(), kind="plan", allocated_before=0)


# Being paid


def test_whatever_comes_pays_the_parts_in_their_order(scene: Scene) -> None:
    plan = scene.plan()

    scene.pay(scene.router, 6_163)
    assert statuses(plan) == ["active", "due", "due", "due"]
    scene.pay(scene.fibre, 1)
    assert statuses(plan) == ["active", "paid", "due", "due"]
    scene.pay(scene.fibre, 6_163)
    assert statuses(plan) == ["active", "paid", "paid", "due"]
    scene.pay(scene.fibre, 1_826)
    scene.pay(scene.router, 4_337)

    assert statuses(plan) == ["completed", "paid", "paid", "paid"]
    assert held() == 0
    assert told() == ["plan.made", "plan.completed"]


def test_what_was_paid_before_does_not_count(scene: Scene) -> None:
    scene.pay(scene.fibre, 5_000)
    plan = scene.plan(amount=13_490)

    scene.pay(scene.fibre, 2_990)

    assert statuses(plan) == ["active", "due", "due", "due"]


def test_money_that_went_back_meanwhile_does_not_count(scene: Scene) -> None:
    plan = scene.plan(first_on=business_date() + dt.timedelta(days=1))
    scene.pay(scene.fibre, 6_000, source="cap_1")
    take_back(source_id="cap_1", amount=Money(6_000, "EUR"), cause="back")

    scene.pay(scene.router, 6_163)

    assert statuses(plan) == ["active", "due", "due", "due"]


def test_a_part_that_was_paid_stays_so_when_money_goes_back(scene: Scene) -> None:
    plan = scene.plan()
    scene.pay(scene.fibre, 6_164, source="cap_1")

    take_back(source_id="cap_1", amount=Money(6_164, "EUR"), cause="back")

    assert statuses(plan) == ["active", "paid", "due", "due"]


# Being missed


def late_by(days: int) -> dt.date:
    return business_date() + dt.timedelta(days=days)


def test_a_part_that_does_not_come_breaks_the_plan_and_asks_a_person_once(scene: Scene) -> None:
    plan = scene.plan()
    scene.pay(scene.fibre, 6_163)

    assert plan_progress.miss_overdue(late_by(3)) == 0
    assert plan_progress.miss_overdue(late_by(4)) == 1
    assert plan_progress.miss_overdue(late_by(40)) == 0

    assert statuses(plan) == ["broken", "missed", "dropped", "dropped"]
    assert held() == 0
    task = Task.objects.get()
    assert (task.kind, task.cause, task.customer_id) == (
        Task.Kind.PLAN_BROKEN,
        plan.public_id,
        scene.customer.pk,
    )
    assert told() == ["plan.made", "plan.broken"]


def test_money_in_the_days_of_grace_keeps_the_plan(scene: Scene) -> None:
    plan = scene.plan()
    scene.let_days_pass_since(plan, 3)
    scene.pay(scene.fibre, 6_164)

    assert plan_progress.miss_overdue(late_by(5)) == 0

    assert statuses(plan) == ["active", "paid", "due", "due"]
    assert not Task.objects.exists()


def test_money_that_comes_too_late_leaves_it_broken(scene: Scene) -> None:
    plan = scene.plan()
    plan_progress.miss_overdue(late_by(4))

    scene.pay(scene.fibre, 7_990)
    scene.pay(scene.router, 10_500)

    assert statuses(plan) == ["broken", "missed", "dropped", "dropped"]


def test_invoices_that_were_credited_complete_it(scene: Scene) -> None:
    plan = scene.plan()
    for invoice in (scene.fibre, scene.router):
        invoice.refresh_from_db()
        issue_credit_note(invoice=invoice, amount=invoice.open_money, actor=scene.user)

    assert plan_progress.miss_overdue(late_by(4)) == 0

    assert statuses(plan)[0] == "completed"
    assert not Task.objects.exists()


def test_many_plans_break_by_as_many_statements_as_one(
    scene: Scene, django_assert_num_queries: Any
) -> None:
    scene.plan()
    with django_assert_num_queries(15):
        plan_progress.miss_overdue(late_by(4))
    for _ in range(3):
        Scene().plan()

    with django_assert_num_queries(15):
        assert plan_progress.miss_overdue(late_by(4)) == 3


@pytest.mark.django_db(transaction=True)
def test_the_job_runs_once_a_business_day(scene: Scene) -> None:
    plan = scene.plan()
    scene.let_days_pass_since(plan, 4)

    miss_instalments()
    other = Scene().plan()
    Scene.let_days_pass_since(scene, other, 4)
    miss_instalments()

    assert statuses(plan)[0] == "broken"
    assert statuses(other)[0] == "active"


# Withdrawing


def test_a_plan_is_withdrawn_once_and_its_parts_are_dropped(scene: Scene) -> None:
    plan = scene.plan()
    scene.pay(scene.fibre, 6_164)

    plans.withdraw_plan(plan=plan, actor=scene.user)
    plans.withdraw_plan(plan=plan, actor=scene.user)

    assert statuses(plan) == ["withdrawn", "paid", "dropped", "dropped"]
    assert held() == 0
    assert AuditEvent.objects.filter(action="plan.withdrawn").count() == 1


def test_what_has_ended_cannot_be_withdrawn(scene: Scene) -> None:
    plan = scene.plan()
    plan_progress.miss_overdue(late_by(4))

    with pytest.raises(errors.PlanEnded):
        plans.withdraw_plan(plan=plan, actor=scene.user)

    assert statuses(plan)[0] == "broken"
    assert told() == ["plan.made", "plan.broken"]


def test_a_part_is_marked_as_asked_for_once(scene: Scene) -> None:
    plan = scene.plan()
    part = plan.instalments.order_by("position")[0]
    plans.mark_asked(part)

    with pytest.raises(errors.PlanEnded):
        plans.mark_asked(part)

    assert statuses(plan) == ["active", "asked", "due", "due"]


def test_no_part_of_an_ended_plan_is_marked_as_asked_for(scene: Scene) -> None:
    plan = scene.plan()
    plans.withdraw_plan(plan=plan, actor=scene.user)

    with pytest.raises(errors.PlanEnded):
        plans.mark_asked(plan.instalments.order_by("position")[0])

    assert not Instalment.objects.exclude(asked_at=None).exists()


def test_plans_of_one_status_are_found(scene: Scene) -> None:
    plan = scene.plan()
    plans.withdraw_plan(plan=plan, actor=scene.user)
    other = scene.plan()

    found = InstalmentPlan.objects.with_status(["active"])

    assert list(found) == [other]
    assert list(InstalmentPlan.objects.with_status(["withdrawn", "broken"])) == [plan]
    assert list(InstalmentPlan.objects.unsettled_of(CustomerFactory.create().pk)) == []
