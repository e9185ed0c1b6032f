"""The kernel's own tests: a machine that finds schedules must itself be beyond doubt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError
from django.utils import timezone

from core.audit import record
from core.models import AuditEvent, User
from tests.factories.core import UserFactory
from tests.moneysim.actors import Crashed
from tests.moneysim.clock import STARTS_AT
from tests.moneysim.kernel import Habits
from tests.moneysim.machine import Machine, machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sim() -> Iterator[Machine]:
    with machine() as made:
        yield made


def rename(pk: int, name: str) -> None:
    """Read, then write what was read with a letter more: loses letters without the lock."""
    with transaction.atomic():
        row = User.objects.select_for_update(no_key=True).get(pk=pk)
        row.first_name += name
        row.save(update_fields=["first_name"])


def rename_carelessly(pk: int, name: str) -> None:
    with transaction.atomic():
        row = User.objects.get(pk=pk)
        row.first_name += name
        row.save(update_fields=["first_name"])


def letters_after(sim: Machine, seed: int, act: Callable[[int, str], None]) -> tuple[str, str]:
    kernel = sim.begin(seed, Habits(stay=0.3))
    user = UserFactory.create(first_name="")
    for letter in "abc":
        kernel.spawn("writer", partial(act, user.pk, letter))
    kernel.run()
    user.refresh_from_db()
    return user.first_name, kernel.trace


def test_the_same_seed_gives_the_same_schedule(sim: Machine) -> None:
    letters_after(sim, 0, rename)
    first = [letters_after(sim, seed, rename) for seed in range(20)]
    again = [letters_after(sim, seed, rename) for seed in range(20)]

    assert first == again
    assert len({trace for _, trace in first}) > 10


def test_a_new_schedule_finds_empty_tables_and_the_first_numbers(sim: Machine) -> None:
    firsts = []
    for seed in range(4):
        sim.begin(seed)
        firsts.append(UserFactory.create().pk)
        assert User.objects.count() == 1
        assert not AuditEvent.objects.exists()
        record("a job", "user.created", User.objects.get())
        with pytest.raises(psycopg.errors.RestrictViolation):
            sim.database.owner.execute("DELETE FROM core_auditevent")

    assert len(set(firsts)) == 1


def test_only_what_somebody_else_can_see_counts_as_changed(sim: Machine) -> None:
    kernel = sim.begin(1)
    user = UserFactory.create()
    seen: list[int] = []

    def changes(act: Callable[[], Any]) -> None:
        before = kernel.version
        act()
        seen.append(kernel.version - before)

    def read_and_commit() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)

    def process() -> None:
        changes(read_and_commit)
        changes(lambda: User.objects.filter(pk=0).update(first_name="nobody"))
        changes(lambda: User.objects.filter(pk=user.pk).update(first_name="somebody"))
        changes(lambda: rename(user.pk, "a"))
        changes(lambda: kernel.sleep(1))

    kernel.spawn("process", process)
    kernel.run()

    assert seen == [0, 0, 1, 1, 1]


def test_a_lock_makes_others_wait_and_loses_nothing(sim: Machine) -> None:
    found = [letters_after(sim, seed, rename)[0] for seed in range(20)]

    assert {"".join(sorted(name)) for name in found} == {"abc"}
    assert len(set(found)) > 1
    assert sim.kernel.locking.waits > 0
    assert sim.kernel.findings == []


def test_without_the_lock_the_schedules_lose_something(sim: Machine) -> None:
    found = [letters_after(sim, seed, rename_carelessly)[0] for seed in range(20)]

    assert any(len(name) < 3 for name in found)


def test_a_deadlock_is_a_finding(sim: Machine) -> None:
    def take(first: int, second: int) -> None:
        with transaction.atomic():
            for pk in (first, second):
                User.objects.select_for_update().get(pk=pk)

    found = []
    for seed in range(8):
        kernel = sim.begin(seed, Habits(stay=0.0))
        one, two = UserFactory.create(), UserFactory.create()
        pks = [one.pk, two.pk]
        actors = [kernel.spawn("taker", partial(take, *order)) for order in (pks, pks[::-1])]
        kernel.run()
        errors = [actor.error for actor in actors if actor.error]
        assert all(isinstance(error, OperationalError) for error in errors)
        told = [one for one in kernel.findings if one.startswith("deadlock")]
        assert len(errors) == len(told)
        found += kernel.findings

    assert any("deadlock" in finding for finding in found)


def test_a_crash_writes_nothing_more_and_takes_its_children_with_it(sim: Machine) -> None:
    kernel = sim.begin(1)
    user = UserFactory.create(first_name="")
    ended: list[str] = []

    def child() -> None:
        with transaction.atomic():
            rename(user.pk, "child")
            kernel.sleep(60)

    def process() -> None:
        try:
            thread = kernel.spawn_child("child", child)
            kernel.wait(lambda: thread.is_done, 30)
            User.objects.filter(pk=user.pk).update(last_name="never")
        finally:
            ended.append("finally")
            User.objects.filter(pk=user.pk).update(last_name="never, either")

    kernel.crash_at = lambda actor, label: actor.name == "process-1" and label.startswith("sql")
    actor = kernel.spawn("process", process)
    kernel.run()

    user.refresh_from_db()
    assert isinstance(actor.error, Crashed)
    assert ended == ["finally"]
    assert (user.first_name, user.last_name) == ("", "Asiakaspalvelija")
    assert len(kernel.crashes) == 1


def test_a_child_that_waits_for_a_lock_dies_with_its_process(sim: Machine) -> None:
    kernel = sim.begin(1)
    user = UserFactory.create(first_name="")

    def holder() -> None:
        with transaction.atomic():
            rename(user.pk, "h")
            kernel.sleep(100)

    def process() -> None:
        kernel.spawn_child("child", lambda: rename(user.pk, "c"))
        kernel.sleep(10)
        kernel.point("here")

    kernel.crash_at = lambda _actor, label: label == "here"
    kernel.spawn("holder", holder)
    kernel.spawn("process", process, after=1)
    kernel.run()

    user.refresh_from_db()
    assert user.first_name == "h"
    assert len(kernel.crashes) == 1


def test_everybody_agrees_on_the_time_and_it_passes_only_when_nobody_can_go_on(
    sim: Machine,
) -> None:
    kernel = sim.begin(1)
    seen: list[tuple[float, float]] = []

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM now()), extract(epoch FROM clock_timestamp())"
            )
            ours, theirs = cursor.fetchone()
        assert ours == theirs
        seen.append((timezone.now().timestamp() - STARTS_AT, float(ours) - STARTS_AT))

    def sleeper() -> None:
        look()
        kernel.sleep(3_600)
        look()

    kernel.spawn("sleeper", sleeper)
    kernel.spawn("late", look, after=60)
    kernel.run()

    assert seen == [(0, 0), (60, 60), (3_600, 3_600)]


def test_a_wait_ends_early_when_what_it_waits_for_holds(sim: Machine) -> None:
    kernel = sim.begin(1)
    waited: list[tuple[bool, float]] = []

    def waiter(seconds: float) -> None:
        other = kernel.spawn("other", lambda: kernel.sleep(5))
        waited.append((kernel.wait(lambda: other.is_done, seconds), kernel.clock.now - STARTS_AT))

    kernel.spawn("patient", lambda: waiter(10))
    kernel.run()
    kernel.begin(2)
    kernel.spawn("hasty", lambda: waiter(3))
    kernel.run()

    assert waited == [(True, 5), (False, 5 + 3)]
