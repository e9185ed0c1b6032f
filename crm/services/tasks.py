"""Making tasks and getting them done. Each change is one statement, so two at once are one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit
from core.ids import make_public_id
from crm.errors import ChoiceUnknown, TaskTaken
from crm.models import Task
from crm.services import timeline
from crm.services.actors import person_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from core.models import User
    from crm.models import Customer
    from crm.services.actors import Actor

KINDS = frozenset(Task.Kind.values)


class TaskDetails(TypedDict, total=False):
    """What may be said of a task besides its kind and time. `public_id` and `cause` are unique."""

    customer: Customer | None
    text: str
    assigned_to: User | None
    cause: str
    public_id: str


@transaction.atomic
def make_task(*, kind: str, due_at: datetime, actor: Actor, **details: Unpack[TaskDetails]) -> Task:
    """Write down what is to be done. For one cause, or one public id, there is one task.

    Safe to repeat: the second time gives what the first has made, whatever became of it. Takes
    no locks, so that whoever holds some may call it. Raises ChoiceUnknown.
    """
    if kind not in KINDS:
        raise ChoiceUnknown("kind", value="")
    public_id = details.pop("public_id", "") or make_public_id("task")
    task = Task(kind=kind, due_at=due_at, made_by=person_of(actor), public_id=public_id, **details)
    same = {"cause": task.cause} if task.cause else {"public_id": public_id}
    with contextlib.suppress(IntegrityError), transaction.atomic():
        task.save(force_insert=True)
        _tell(task, "made", actor)
    return Task.objects.select_related("customer", "assigned_to").get(**same)


def make_tasks(kind: str, *, due_at: datetime, of: Iterable[tuple[int, str]]) -> None:
    """Write down the same for many (customer's pk, cause) at once, as a machine does it.

    For one cause there is one task, so that it can be repeated. What caused them is told and
    audited by whoever calls, in the transaction that is open.
    """
    Task.objects.bulk_create(
        [
            Task(kind=kind, due_at=due_at, customer_id=customer_id, cause=cause)
            for customer_id, cause in of
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def finish_task(task: Task, *, actor: Actor) -> None:
    """Say that it is done. Safe to repeat: the first one did it."""
    done = Task.objects.open().filter(pk=task.pk)
    if done.update(done_at=timezone.now(), done_by=person_of(actor)):
        _tell(task, "done", actor)


@transaction.atomic
def reopen_task(task: Task, *, actor: Actor) -> None:
    """Take back that it was done. Safe to repeat."""
    done = Task.objects.filter(pk=task.pk, done_at__isnull=False)
    if done.update(done_at=None, done_by=None):
        _tell(task, "reopened", actor)


@transaction.atomic
def snooze_task(task: Task, *, until: datetime, actor: Actor) -> None:
    """Put off what is not done yet. What is done stays as it is."""
    before = {"due_at": task.due_at}
    if Task.objects.open().filter(pk=task.pk).update(due_at=until):
        audit.record(actor, "task.snoozed", task, before=before, after={"due_at": until})


@transaction.atomic
def take_task(task: Task, *, actor: User) -> None:
    """Make it one's own. Safe to repeat. Raises TaskTaken where somebody else was faster."""
    free = Task.objects.open().filter(pk=task.pk, assigned_to=None)
    if free.update(assigned_to=actor):
        audit.record(actor, "task.taken", task, after={"assigned_to": actor.public_id})
    elif not Task.objects.filter(pk=task.pk, assigned_to=actor).exists():
        raise TaskTaken


def _tell(task: Task, what: str, actor: Actor) -> None:
    audit.record(actor, f"task.{what}", task, after={"kind": task.kind, "due_at": task.due_at})
    if task.customer_id is not None:
        timeline.write(
            task.customer_id, f"task.{what}.{task.kind}", actor=actor, object_id=task.public_id
        )
