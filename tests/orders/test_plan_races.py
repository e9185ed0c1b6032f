"""Instalment plans that many make, pay and end at once, each lock with its anti-test."""

from __future__ import annotations

from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError

from core import locks
from core.errors import DomainError
from core.jobs import business_date
from crm.models import Customer, Task, TimelineEntry
from crm.services import rows
from orders.models import InstalmentPlan, PromiseToPay
from orders.services import plan_progress, plans
from tests.orders.planning import Scene, held, scene, statuses
from tests.orders.threads import race

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orders.services.plan_progress import Progress

__all__ = ["scene"]

pytestmark = pytest.mark.django_db(transaction=True)


def attempt(scene: Scene, number: int) -> str:
    """Half of them would plan, half would promise."""
    try:
        if number % 2:
            scene.plan()
        else:
            scene.promise()
    except DomainError as error:
        return error.code
    except IntegrityError:
        return "refused by the database"
    return "made"


def test_of_agents_who_plan_and_promise_at_once_one_does(scene: Scene) -> None:
    answers = race([partial(attempt, scene, number) for number in range(8)])

    assert sorted(answers) == ["already_arranged"] * 7 + ["made"]
    assert InstalmentPlan.objects.count() + PromiseToPay.objects.count() == 1
    assert held() == 2


def test_without_the_locks_the_database_would_have_to_refuse(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test: it proves that the race is run, and that the index stands behind the locks."""
    monkeypatch.setattr(locks, "rows", lambda _rank, rows: list(rows))
    monkeypatch.setattr(rows, "locked", lambda pk: Customer.objects.get(pk=pk))

    answers = race([partial(attempt, scene, number) for number in range(8)])

    assert "refused by the database" in answers
    assert InstalmentPlan.objects.count() + PromiseToPay.objects.count() == 1


def pay_both(scene: Scene) -> None:
    race(
        [
            partial(scene.pay, scene.fibre, 7_990),
            partial(scene.pay, scene.router, 10_500),
        ]
    )


def test_payments_of_two_invoices_at_once_complete_their_plan() -> None:
    for _ in range(3):
        scene = Scene()
        plan = scene.plan()

        pay_both(scene)

        assert statuses(plan) == ["completed", "paid", "paid", "paid"]
        ends = TimelineEntry.objects.filter(customer=scene.customer, kind="plan.completed")
        assert ends.count() == 1


def test_without_the_plans_lock_two_payments_would_leave_it_active(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test of the one above: each sees only its own money."""
    both_looked = Barrier(2)

    def look(plans: Sequence[InstalmentPlan]) -> dict[int, Progress]:
        found = progress_of(plans)
        both_looked.wait(10)
        return found

    progress_of = plan_progress.progress_of
    plan = scene.plan()
    monkeypatch.setattr(locks, "rows", lambda _rank, rows: list(rows))
    monkeypatch.setattr(plan_progress, "progress_of", look)

    pay_both(scene)

    assert statuses(plan)[0] == "active"


def test_money_the_job_and_a_withdrawal_at_once_end_a_plan_once() -> None:
    for _ in range(3):
        scene = Scene()
        plan = scene.plan(amount=7_990, parts=2, invoices=[scene.fibre])
        scene.let_days_pass_since(plan, 40)

        acts: list[Callable[[], object]] = [
            partial(scene.pay, scene.fibre, 7_990),
            _let_the_job_run,
            partial(_withdraw, plan, scene),
        ]
        race(acts)

        ended = statuses(plan)[0]
        ends = TimelineEntry.objects.filter(customer=scene.customer).exclude(kind="plan.made")
        assert ended in {"completed", "broken", "withdrawn"}
        assert ends.count() == 1
        assert Task.objects.filter(cause=plan.public_id).count() == (ended == "broken")
        assert held() == 0


def _let_the_job_run() -> None:
    plan_progress.miss_overdue(business_date())


def _withdraw(plan: InstalmentPlan, scene: Scene) -> None:
    try:
        plans.withdraw_plan(plan=plan, actor=scene.user)
    except DomainError:
        return
