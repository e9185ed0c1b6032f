"""Playing the scripts of lessons: claim a run, see what happened, take the next step."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core import leases, locks
from training import lessons
from training.models import LessonRun
from training.services import gathering, runs, world
from training.services.bank import BankFailed
from training.services.stage import Stage, StageFailed
from training.services.visitor import VisitFailed

if TYPE_CHECKING:
    from training.facts import Facts
    from training.lessons.base import Beat, Lesson

logger = logging.getLogger(__name__)

BATCH = 20
LEASE_S = 60
LOOKS_AGAIN = timedelta(seconds=1)
TRIES_AGAIN = timedelta(seconds=3)
DUE = "next_at <= clock_timestamp()"


def drain() -> int:
    """Let every run that is due take one look or one step, and say how many were looked at.

    Safe to run twice, at once, or late: a run is claimed, and a step counts once. Asks nothing
    where nobody trains. Never call it inside a transaction.
    """
    locks.assert_no_transaction()
    if not world.is_named():
        return 0
    claimed = leases.claim(LessonRun, DUE, {}, limit=BATCH, seconds=LEASE_S)
    ours = LessonRun.objects.filter(pk__in=claimed, lease_token=claimed.token)
    for run in ours.select_related("user", "customer").order_by("pk"):
        _play_apart(run)
    return len(claimed)


def _play_apart(run: LessonRun) -> None:
    """Play one run. What goes wrong is tried again, and stops nobody else's lesson."""
    try:
        play(run)
    except (StageFailed, VisitFailed, BankFailed) as error:
        logger.warning("lesson %s waits: %s", run.public_id, error)
        _put_off(run, TRIES_AGAIN)
    except Exception:  # one broken script must not stop the others
        logger.exception("lesson %s stumbled", run.public_id)
        _put_off(run, TRIES_AGAIN)


def play(run: LessonRun) -> None:
    """Take the next step of a run's script if it is time for it; end the lesson if it is over."""
    lesson = lessons.find(run.lesson)
    if lesson is None:
        runs.abandon(run=run)
        return
    facts = gathering.facts_of(run)
    if lesson.is_over(facts) or facts.now >= run.ends_by:
        end(run, facts)
        return
    beat = lesson.beat(run.beat)
    if beat is None or not _is_time(run, beat, facts):
        _put_off(run, LOOKS_AGAIN)
        return
    if beat.act is not None:
        beat.act(Stage(run, facts.customer))
    _step(run)


def end(run: LessonRun, facts: Facts | None = None) -> None:
    """End a lesson by what happened so far, and put its telephone down."""
    runs.finish(run=run, facts=facts or gathering.facts_of(run))
    hang_up(run)


def hang_up(run: LessonRun) -> None:
    """Leave no call behind. That the telephone does not answer keeps nobody from ending."""
    try:
        Stage(run, run.customer).hang_up()
    except StageFailed as error:
        logger.warning("lesson %s: %s", run.public_id, error)


def captions(lesson: Lesson, run: LessonRun) -> list[Beat]:
    """What was said so far, in the order of time."""
    return [beat for beat in lesson.beats[: run.beat] if beat.says]


def _is_time(run: LessonRun, beat: Beat, facts: Facts) -> bool:
    return facts.now >= run.beat_at + timedelta(seconds=beat.after_s) and beat.when(facts)


@transaction.atomic
def _step(run: LessonRun) -> None:
    """Count the step that was taken, where our lease still holds."""
    now = timezone.now()
    stepped = LessonRun.objects.filter(
        pk=run.pk,
        beat=run.beat,
        lease_token=run.lease_token,
        finished_at=None,
        abandoned_at=None,
    ).update(
        beat=F("beat") + 1,
        beat_at=now,
        next_at=now,
        version=F("version") + 1,
        lease_token=None,
        lease_until=None,
    )
    if stepped:
        runs.tell_of(run)


def _put_off(run: LessonRun, wait: timedelta) -> None:
    LessonRun.objects.filter(pk=run.pk, lease_token=run.lease_token, next_at__isnull=False).update(
        next_at=timezone.now() + wait, lease_token=None, lease_until=None
    )
