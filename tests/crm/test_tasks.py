from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.models import AuditEvent
from crm.errors import ChoiceUnknown, TaskTaken
from crm.models import Task, TimelineEntry
from crm.services import timeline
from crm.services.merging import merge_customers
from crm.services.tasks import finish_task, make_task, reopen_task, snooze_task, take_task
from tests.factories.core import agent
from tests.factories.crm import CustomerFactory

if TYPE_CHECKING:
    from crm.models import Customer

pytestmark = pytest.mark.django_db

TOMORROW = timezone.now() + timedelta(days=1)
THREADS = 8


def made(customer: Customer | None = None, *, text: str = "", cause: str = "") -> Task:
    return make_task(
        kind="call_back",
        due_at=TOMORROW,
        actor=agent(),
        customer=customer,
        text=text,
        cause=cause,
    )


def told(customer: Customer) -> list[str]:
    entries = TimelineEntry.objects.filter(customer=customer).order_by("pk")
    return [entry.kind for entry in entries]


def test_a_task_is_told_and_audited_when_it_is_made_and_done() -> None:
    customer = CustomerFactory.create()
    task = made(customer)

    finish_task(task, actor=agent())
    finish_task(task, actor=agent())

    assert told(customer) == ["task.made.call_back", "task.done.call_back"]
    sentences = [timeline.describe(entry) for entry in timeline.newest(customer.pk)]
    assert sentences == ["Called back", "Call-back agreed"]
    actions = AuditEvent.objects.filter(object_id=task.public_id).order_by("pk")
    assert [event.action for event in actions] == ["task.made", "task.done"]
    task.refresh_from_db()
    assert task.done_by is not None


def test_done_can_be_taken_back() -> None:
    task = made()
    finish_task(task, actor=agent())

    reopen_task(task, actor=agent())

    assert list(Task.objects.open()) == [task]
    task.refresh_from_db()
    assert task.done_by is None


def test_for_one_cause_there_is_one_task_whatever_became_of_it() -> None:
    customer = CustomerFactory.create()
    first = made(customer, cause="promise:prm_1")
    finish_task(first, actor="job")

    again = made(customer, cause="promise:prm_1")

    assert again == first
    assert again.done_at is not None
    assert told(customer) == ["task.made.call_back", "task.done.call_back"]


def test_tasks_without_a_cause_are_not_the_same() -> None:
    assert made() != made()


def test_a_card_number_in_the_text_is_masked() -> None:
    task = made(text="Pays with 4242 4242 4242 4242 tomorrow")

    assert task.text == "Pays with ••••4242 tomorrow"


def test_an_unknown_kind_makes_nothing() -> None:
    with pytest.raises(ChoiceUnknown):
        make_task(kind="4242424242424242", due_at=TOMORROW, actor="job")

    assert not Task.objects.exists()


def test_what_is_done_is_not_put_off() -> None:
    task = made()
    snooze_task(task, until=TOMORROW + timedelta(days=1), actor=agent())
    finish_task(task, actor=agent())

    snooze_task(task, until=TOMORROW + timedelta(days=9), actor=agent())

    task.refresh_from_db()
    assert task.due_at == TOMORROW + timedelta(days=1)


def test_who_comes_second_is_told_that_it_is_taken() -> None:
    task, first, second = made(), agent(), agent()
    take_task(task, actor=first)
    take_task(task, actor=first)

    with pytest.raises(TaskTaken):
        take_task(task, actor=second)

    task.refresh_from_db()
    assert task.assigned_to == first


def test_tasks_follow_a_merge() -> None:
    source, target = CustomerFactory.create(), CustomerFactory.create()
    task = made(source)

    merge_customers(source=source, target=target, actor=agent())

    task.refresh_from_db()
    assert task.customer == target


def test_a_machine_may_make_a_task_inside_its_own_transaction() -> None:
    """The second insert of a cause does not break the transaction that is open."""
    with transaction.atomic():
        made(cause="promise:prm_2")
        made(cause="promise:prm_2")
        connection.cursor().execute("SELECT 1")

    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_machines_that_find_the_same_at_once_make_one_task() -> None:
    customer = CustomerFactory.create()
    person = agent()

    def find(_: int) -> str:
        try:
            return make_task(
                kind="promise_broken",
                due_at=TOMORROW,
                actor=person,
                customer=customer,
                cause="promise:prm_3",
            ).public_id
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        found = set(threads.map(find, range(THREADS)))

    assert len(found) == 1
    assert told(customer) == ["task.made.promise_broken"]


@pytest.mark.django_db(transaction=True)
def test_without_a_cause_each_would_make_its_own() -> None:
    """The anti-test: it is the unique cause that makes them one."""

    def find(_: int) -> str:
        try:
            return make_task(kind="promise_broken", due_at=TOMORROW, actor="job").public_id
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        found = set(threads.map(find, range(THREADS)))

    assert len(found) == THREADS
