"""Every lesson there is, one module for a role and its kind of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core import policy
from training.lessons import agent, agent_care, agent_surplus, agent_ways, finance, finance_books

if TYPE_CHECKING:
    from core.models import User
    from training.lessons.base import Lesson

ALL: tuple[Lesson, ...] = (
    *agent.LESSONS,
    *agent_ways.LESSONS,
    *agent_care.LESSONS,
    *agent_surplus.LESSONS,
    *finance.LESSONS,
    *finance_books.LESSONS,
)
_by_key = {lesson.key: lesson for lesson in ALL}


def find(key: str) -> Lesson | None:
    """The lesson of a key."""
    return _by_key.get(key)


def lessons_for(user: User) -> list[Lesson]:
    """The lessons whose work a person may do, in their order."""
    return [lesson for lesson in ALL if policy.allows(user, lesson.permission)]
