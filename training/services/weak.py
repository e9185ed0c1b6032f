"""Which lessons are weak: low scores, checks that are missed, words that are not clear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Avg, Count, Max, Q

from training import lessons
from training.models import CheckResult, LessonRun

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from training.lessons.base import Check, Lesson

LOW_SCORE = 70
LOW_CLARITY = 3
MOST_MISSED = 3
MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class Missed:
    """One check of a lesson, how often it was looked for, and how often it was missed."""

    check: Check
    looked: int
    missed: int

    @property
    def share(self) -> int:
        """Missed out of looked for, per cent."""
        return (200 * self.missed + self.looked) // (2 * self.looked)


@dataclass(frozen=True, slots=True)
class Measure:
    """How a lesson does with everybody who took it. Scores and clarity are means of all runs."""

    lesson: Lesson
    taken: int
    given_up: int
    score: int | None
    clarity: float | None
    missed: list[Missed]

    @property
    def is_weak(self) -> bool:
        """Whether people do badly in it, or find it unclear."""
        is_low = self.score is not None and self.score < LOW_SCORE
        return is_low or (self.clarity is not None and self.clarity < LOW_CLARITY)


@dataclass(frozen=True, slots=True)
class Progress:
    """One person: how many lessons they have taken of those for them, and how well."""

    user_id: int
    name: str
    username: str
    lessons: int
    runs: int
    score: int
    last_at: datetime


def measures() -> list[Measure]:
    """How each lesson does, the weakest first; those nobody took come last. Two queries."""
    missed = _missed()
    groups = (
        LessonRun.objects.order_by()
        .values("lesson")
        .annotate(
            taken=Count("pk", filter=Q(finished_at__isnull=False)),
            given_up=Count("pk", filter=Q(abandoned_at__isnull=False)),
            score=Avg("score"),
            clarity=Avg("clarity"),
        )
    )
    known = {group["lesson"]: group for group in groups}
    found = [
        Measure(
            lesson,
            group["taken"],
            group["given_up"],
            round(group["score"]) if group["score"] is not None else None,
            group["clarity"],
            missed.get(lesson.key, [])[:MOST_MISSED],
        )
        for lesson in lessons.ALL
        if (group := known.get(lesson.key))
    ]
    return sorted(found, key=lambda one: (not one.is_weak, one.score is None, one.score or 0))


def runs_of(lesson: str = "", username: str = "", *, check: str = "") -> QuerySet[LessonRun]:
    """The runs behind a number, the newest first: those that missed a check, where one is named."""
    rows = LessonRun.objects.filter(Q(finished_at__isnull=False) | Q(abandoned_at__isnull=False))
    if lesson:
        rows = rows.filter(lesson=lesson)
    if username:
        rows = rows.filter(user__username=username)
    if check:
        rows = rows.filter(results__check_key=check, results__is_met=False)
    return rows.select_related("user").order_by("-pk")


def people() -> list[Progress]:
    """Everybody who took a lesson, by name. One query."""
    finished = LessonRun.objects.filter(finished_at__isnull=False)
    names = ("user_id", "user__first_name", "user__last_name", "user__username")
    groups = (
        finished.order_by("user__last_name", "user_id")
        .values(*names)
        .annotate(
            lessons=Count("lesson", distinct=True),
            runs=Count("pk"),
            score=Avg("score"),
            last_at=Max("finished_at"),
        )
    )
    return [
        Progress(
            group["user_id"],
            f"{group['user__first_name']} {group['user__last_name']}".strip()
            or group["user__username"],
            group["user__username"],
            group["lessons"],
            group["runs"],
            round(group["score"]),
            group["last_at"],
        )
        for group in groups[:MOST_PEOPLE]
    ]


def _missed() -> dict[str, list[Missed]]:
    """Per lesson the checks that were missed, the most missed first."""
    counts = (
        CheckResult.objects.order_by()
        .values("run__lesson", "check_key")
        .annotate(looked=Count("pk"), missed=Count("pk", filter=Q(is_met=False)))
    )
    found: dict[str, list[Missed]] = {}
    for count in counts:
        lesson = lessons.find(count["run__lesson"])
        check = lesson.check(count["check_key"]) if lesson else None
        if lesson is not None and check is not None and count["missed"]:
            one = Missed(check, count["looked"], count["missed"])
            found.setdefault(lesson.key, []).append(one)
    for key, missed in found.items():
        lesson = lessons.find(key)
        checks = lesson.checks if lesson else ()
        missed.sort(key=lambda one: (-one.share, checks.index(one.check)))
    return found
