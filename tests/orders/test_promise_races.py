"""Promises that many make and end at once, each lock with its anti-test."""

from __future__ import annotations

from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError

from core import locks
from core.errors import DomainError
from core.jobs import business_date
from crm.models import Customer, TimelineEntry
from crm.services import rows
from orders.models import PromiseToPay
from orders.services import promises
from tests.orders.promising import Scene, held, scene, status_of
from tests.orders.threads import race

__all__ = ["scene"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_agents_who_promise_at_once_one_does(scene: Scene) -> None:
    answers = race([partial(attempt, scene) for _ in range(8)])

    assert sorted(answers) == ["already_arranged"] * 7 + ["made"]
    assert PromiseToPay.objects.count() == 1
    assert held() == 2


def attempt(scene: Scene) -> str:
    try:
        scene.promise()
    except DomainError as error:
        return error.code
    except IntegrityError:
        return "refused by the database"
    return "made"


def test_without_the_locks_the_database_would_have_to_refuse(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test: it proves that the race is run, and that the index stands behind the locks."""
    monkeypatch.setattr(locks, "rows", lambda _rank, rows: list(rows))
    monkeypatch.setattr(rows, "locked", lambda pk: Customer.objects.get(pk=pk))

    answers = race([partial(attempt, scene) for _ in range(8)])

    assert "refused by the database" in answers
    assert PromiseToPay.objects.count() == 1


def test_payments_of_two_invoices_at_once_keep_their_promise() -> None:
    for _ in range(5):
        scene = Scene()
        promise = scene.promise()

        race(
            [
                partial(scene.pay, scene.fibre, 7_990),
                partial(scene.pay, scene.router, 10_500),
            ]
        )

        assert status_of(promise) == "kept"
        assert (
            TimelineEntry.objects.filter(customer=scene.customer, kind="promise.kept").count() == 1
        )


def test_without_the_promises_lock_two_payments_would_leave_it_open(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test of the one above: each sees only its own money."""
    both_looked = Barrier(2)

    def look(promise: PromiseToPay) -> bool:
        found = is_reached(promise)
        both_looked.wait(10)
        return found

    is_reached = promises.is_reached
    promise = scene.promise()
    monkeypatch.setattr(locks, "rows", lambda _rank, rows: list(rows))
    monkeypatch.setattr(promises, "is_reached", look)

    race([partial(scene.pay, scene.fibre, 7_990), partial(scene.pay, scene.router, 10_500)])

    assert status_of(promise) == "open"


def test_money_and_the_job_at_once_end_a_promise_once() -> None:
    for _ in range(5):
        scene = Scene()
        promise = scene.promise(invoices=[scene.fibre], amount=7_990)
        scene.let_days_pass(promise, 8)

        def break_it(late: PromiseToPay = promise) -> None:
            promises.break_overdue(business_date())
            late.refresh_from_db()

        race([partial(scene.pay, scene.fibre, 7_990), partial(break_it)])

        assert status_of(promise) in {"kept", "broken"}
        ends = TimelineEntry.objects.filter(customer=scene.customer).exclude(kind="promise.made")
        assert ends.count() == 1
        assert held() == 0
