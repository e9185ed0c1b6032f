"""Parts that several workers ask for at once, and plans that end meanwhile; with anti-tests."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError

from core import locks
from core.errors import DomainError
from crm.models import Customer, OutgoingMessage
from crm.services import rows
from orders import errors as order_errors
from orders.models import InstalmentPlan
from orders.services import plans
from payments.models import InstalmentRequest, PaymentAttempt, PaymentIntent
from payments.services import instalments, operations
from payments.services.intents import create_intent
from tests.orders.planning import statuses
from tests.orders.threads import race
from tests.payments.planning import TOMORROW, Desk, desk, sandbox, sandbox_process

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["desk", "sandbox", "sandbox_process"]

pytestmark = pytest.mark.django_db(transaction=True)


def asked() -> int:
    return InstalmentRequest.objects.count()


def answer_of(act: Callable[[], Any]) -> str:
    try:
        return "asked" if act() else "nothing"
    except order_errors.PlanEnded:
        return "ended"
    except DomainError as error:
        return error.code
    except IntegrityError:
        return "refused by the database"


def test_of_workers_who_ask_at_once_one_asks(desk: Desk) -> None:
    plan = desk.agree(desk.kept(), first_on=TOMORROW)
    part = desk.let_fall_due(plan, 1)

    answers = race([partial(answer_of, partial(instalments.ask, part.pk)) for _ in range(8)])
    operations.drain()

    assert sorted(answers) == ["asked", *["nothing"] * 7]
    assert asked() == 1
    assert PaymentAttempt.objects.exclude(saved_method=None).count() == 1
    assert statuses(plan) == ["active", "paid", "due", "due"]


def test_without_the_locks_the_database_would_refuse_the_second_charge(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test: the race is run, and behind the locks stands the key of the request."""
    plan = desk.agree(first_on=TOMORROW)
    part = desk.let_fall_due(plan, 1)
    monkeypatch.setattr(locks, "rows", lambda _rank, rows: list(rows))
    monkeypatch.setattr(rows, "locked", lambda pk: Customer.objects.get(pk=pk))

    answers = race([partial(answer_of, partial(instalments.ask, part.pk)) for _ in range(8)])

    assert "refused by the database" in answers
    assert asked() == 1
    assert PaymentIntent.objects.count() == 1


def withdrawn_while_asked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> InstalmentPlan:
    """A plan that is withdrawn after its part was looked at and before anything was committed."""
    plan = desk.agree(first_on=TOMORROW)
    part = desk.let_fall_due(plan, 1)

    def make_late(*args: Any, **kwargs: Any) -> PaymentIntent:
        race([partial(plans.withdraw_plan, plan=plan, actor=desk.agent)])
        return create_intent(*args, **kwargs)

    monkeypatch.setattr("payments.services.instalments.create_intent", make_late)
    instalments.ask_due(part.due_on)
    return plan


def test_a_plan_that_is_withdrawn_meanwhile_is_not_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = withdrawn_while_asked(desk, monkeypatch)

    assert statuses(plan)[0] == "withdrawn"
    assert asked() == 0
    assert not PaymentIntent.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_without_the_last_look_a_withdrawn_plan_would_be_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The anti-test of the one above."""
    monkeypatch.setattr(plans, "mark_asked", lambda _part: None)

    plan = withdrawn_while_asked(desk, monkeypatch)

    assert statuses(plan)[0] == "withdrawn"
    assert OutgoingMessage.objects.count() == 1
