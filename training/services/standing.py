"""What a person has done of the lessons, and what a run was judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Max

from training import lessons
from training.models import CheckResult, LessonRun

if TYPE_CHECKING:
    from datetime import datetime

    from core.models import User
    from training.lessons.base import Check, Lesson


@dataclass(frozen=True, slots=True)
class Standing:
    """One lesson, and how well a person did it: the best score of all times they took it."""

    lesson: Lesson
    times: int = 0
    best: int | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One check of a run, and whether it was met."""

    check: Check
    is_met: bool


def of(user: User) -> list[Standing]:
    """How a person stands with each lesson for them. One query."""
    taken = LessonRun.objects.filter(user=user, finished_at__isnull=False)
    groups = (
        taken.order_by()
        .values("lesson")
        .annotate(times=Count("pk"), best=Max("score"), last_at=Max("finished_at"))
    )
    known = {group["lesson"]: group for group in groups}
    return [
        Standing(lesson, group["times"], group["best"], group["last_at"])
        if (group := known.get(lesson.key))
        else Standing(lesson)
        for lesson in lessons.lessons_for(user)
    ]


def judged(run: LessonRun) -> list[Judged]:
    """The checks of a run in the order of its lesson. What the lesson no longer has is left out."""
    lesson = lessons.find(run.lesson)
    met = dict(CheckResult.objects.filter(run=run).values_list("check_key", "is_met"))
    checks = lesson.checks if lesson else ()
    return [Judged(check, met[check.key]) for check in checks if check.key in met]
