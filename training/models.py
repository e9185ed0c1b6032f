"""Lessons that somebody took, and what the rows said of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import FreeTextField, PublicIdField, StructuredCharField
from core.leases import Lease
from core.models.base import BaseModel
from core.money import Money
from crm.models import Customer
from orders.models.rules import ends_once

CURRENCY = "EUR"


class LessonRun(Lease, BaseModel):
    """One time that somebody took a lesson. Old ones stay.

    The row is the script's queue: `beat` says how far it has come, `beat_at` since when, and
    `next_at` when a worker looks again. What is asked for is `amount` (minor units).
    """

    public_id = PublicIdField(_("public id"), prefix="run")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who learns"),
        on_delete=models.PROTECT,
        related_name="lesson_runs",
    )
    lesson = StructuredCharField(_("lesson"), max_length=40)
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    amount = models.BigIntegerField(_("amount"), help_text=_("Minor units."))
    beat = models.PositiveSmallIntegerField(_("steps of the script"), default=0)
    beat_at = models.DateTimeField(_("last step"))
    next_at = models.DateTimeField(_("next look"), null=True)
    ends_by = models.DateTimeField(_("ends by"))
    version = models.BigIntegerField(_("version"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    abandoned_at = models.DateTimeField(_("given up"), null=True, blank=True)
    score = models.PositiveSmallIntegerField(
        _("score"), null=True, blank=True, help_text=_("Out of a hundred.")
    )
    clarity = models.PositiveSmallIntegerField(_("how clear it was"), null=True, blank=True)
    missing = FreeTextField(_("what was missing"), max_length=1_000, blank=True, default="")
    feedback_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("lesson taken")
        verbose_name_plural = _("lessons taken")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(finished_at=None, abandoned_at=None),
                name="lesson_one_at_a_time",
            ),
            ends_once("lesson", "finished_at", "abandoned_at"),
            models.CheckConstraint(
                condition=Q(finished_at=None, score=None)
                | Q(finished_at__isnull=False, score__gte=0, score__lte=100),
                name="lesson_score_when_finished",
            ),
            models.CheckConstraint(
                condition=Q(clarity=None) | Q(clarity__gte=1, clarity__lte=5),
                name="lesson_clarity_of_five",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="lesson_to_play", condition=Q(next_at__isnull=False)
            ),
            models.Index(fields=["lesson", "finished_at"], name="lesson_taken"),
        ]

    @property
    def is_live(self) -> bool:
        return self.finished_at is None and self.abandoned_at is None

    @property
    def money(self) -> Money:
        return Money(self.amount, CURRENCY)

    @property
    def call_reference(self) -> str:
        """What the practice telephone calls the call of this run."""
        return f"lesson-{self.public_id}"


class CheckResult(models.Model):
    """What the rows said of one thing that the lesson looks for."""

    run = models.ForeignKey(
        LessonRun, verbose_name=_("lesson taken"), on_delete=models.CASCADE, related_name="results"
    )
    check_key = StructuredCharField(_("what was looked for"), max_length=40)
    points = models.PositiveSmallIntegerField(_("points"))
    is_met = models.BooleanField(_("done well"))

    class Meta:
        verbose_name = _("result of a lesson")
        verbose_name_plural = _("results of lessons")
        constraints = [
            models.UniqueConstraint(fields=["run", "check_key"], name="lesson_check_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.check_key}"
