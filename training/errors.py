"""What can go wrong with lessons, in words fit for who learns.

DomainError
├── TrainingNotHere     this installation is not for training, or real money moves in it
├── LessonUnknown       there is no such lesson, or not for this role
├── LessonGoesOn        another lesson has not been ended
└── LessonOver          it was ended, or the question was answered before
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class TrainingNotHere(DomainError):
    code = "training_not_here"
    message = _(
        "Lessons are given where no real money moves: in a training installation"
        " without an account at a real provider."
    )


class LessonUnknown(DomainError):
    code = "lesson_unknown"
    status = 404
    message = _("There is no such lesson for your role.")


class LessonGoesOn(DomainError):
    code = "lesson_goes_on"
    message = _("Another lesson goes on. End it first.")


class LessonOver(DomainError):
    code = "lesson_over"
    message = _("This is over.")
