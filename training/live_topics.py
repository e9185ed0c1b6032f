"""When the strip of a lesson is out of date, and who may know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from training.models import LessonRun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User

LESSON: Final = "lesson"


def lesson_versions(user: User, ids: Sequence[str]) -> dict[str, int]:
    """{topic: version} of a person's own lessons. Nobody sees another's."""
    own = LessonRun.objects.filter(user=user, public_id__in=ids)
    return {f"{LESSON}:{run.public_id}": run.version for run in own.only("public_id", "version")}
