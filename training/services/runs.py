"""Beginning a lesson, ending it with a score, and what its taker says of it."""

from __future__ import annotations

from datetime import timedelta
from secrets import randbelow
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from core import audit, bell, live, policy
from training import lessons
from training.errors import LessonGoesOn, LessonOver, LessonUnknown
from training.live_topics import LESSON
from training.models import CheckResult, LessonRun
from training.services import world

if TYPE_CHECKING:
    from core.models import User
    from training.facts import Facts
    from training.lessons.base import Lesson

LASTS_AT_MOST = timedelta(minutes=20)
ODD_CENTS = 90


def start(*, user: User, key: str) -> LessonRun:
    """Make up the customer and what they owe; a worker then plays the script.

    Raises TrainingNotHere, LessonUnknown for what the role cannot do, and LessonGoesOn.
    """
    world.refuse_elsewhere()
    lesson = lessons.find(key)
    if lesson is None or not policy.allows(user, lesson.permission):
        raise LessonUnknown
    world.ensure_account()
    try:
        return _start(user, lesson)
    except IntegrityError as error:
        raise LessonGoesOn from error


@transaction.atomic
def _start(user: User, lesson: Lesson) -> LessonRun:
    now = timezone.now()
    asked = lesson.asks(user) if lesson.asks else lesson.owes
    run = LessonRun.objects.create(
        user=user,
        lesson=lesson.key,
        # A few cents tell the runs apart, so that a fault meets its own run alone.
        amount=asked + randbelow(ODD_CENTS) if asked else 0,
        beat_at=now,
        next_at=now,
        ends_by=now + LASTS_AT_MOST,
    )
    if lesson.has_customer:
        run.customer = world.new_customer()
        run.save(update_fields=["customer"])
        if lesson.owes:
            world.bill(run.customer, run.amount, "Fibre 200 M")
    audit.record(user, "lesson.started", run, after={"lesson": lesson.key})
    bell.ring_on_commit("lessons")
    return run


@transaction.atomic
def finish(*, run: LessonRun, facts: Facts) -> bool:
    """Write down what the rows say of each check, and the score. False where it was ended before.

    Safe to repeat: a lesson ends once.
    """
    lesson = lessons.find(run.lesson)
    if lesson is None:
        return abandon(run=run)
    results = [
        CheckResult(run=run, check_key=check.key, points=check.points, is_met=check.is_met(facts))
        for check in lesson.checks
    ]
    met = sum(one.points for one in results if one.is_met)
    score = (2 * 100 * met + lesson.points) // (2 * lesson.points)
    if not _end(run, finished_at=timezone.now(), score=score):
        return False
    CheckResult.objects.bulk_create(results)
    audit.record(run.user, "lesson.finished", run, after={"score": score})
    return True


@transaction.atomic
def abandon(*, run: LessonRun) -> bool:
    """Give a lesson up: it has no score. False where it was ended before."""
    if not _end(run, abandoned_at=timezone.now()):
        return False
    audit.record(run.user, "lesson.abandoned", run)
    return True


@transaction.atomic
def take_feedback(*, run: LessonRun, clarity: int, missing: str) -> None:
    """Keep the answers to the two questions, once. Raises LessonOver for the second time."""
    unanswered = LessonRun.objects.filter(pk=run.pk, feedback_at=None, finished_at__isnull=False)
    answers = {"clarity": clarity, "missing": missing, "feedback_at": timezone.now()}
    if not unanswered.update(**answers):
        raise LessonOver
    audit.record(run.user, "lesson.answered", run, after={"clarity": clarity})


def live_run(user: User) -> LessonRun | None:
    """The lesson that a person is in."""
    return LessonRun.objects.filter(user=user, finished_at=None, abandoned_at=None).first()


def tell_of(run: LessonRun) -> None:
    """Tell the strip of the run, once this is committed, that there is news."""
    live.publish_on_commit(f"{LESSON}:{run.public_id}", lambda: _version_of(run.pk))


def _version_of(run_id: int) -> int:
    return LessonRun.objects.values_list("version", flat=True).get(pk=run_id)


def _end(run: LessonRun, **how: object) -> bool:
    going_on = LessonRun.objects.filter(pk=run.pk, finished_at=None, abandoned_at=None)
    if not going_on.update(**how, next_at=None, version=F("version") + 1):
        return False
    run.refresh_from_db()
    tell_of(run)
    return True
