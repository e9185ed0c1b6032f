"""How a call went, as the customer says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import FreeTextField, PublicIdField
from core.models.base import BaseModel
from crm.models.calls import Call
from crm.models.customers import Customer

if TYPE_CHECKING:
    from django.db.models import QuerySet

WORST, BEST = 1, 5
WORDS_LENGTH = 500


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def asked(self) -> QuerySet[Feedback]:
        """Those after whose calls the customer was asked."""
        return self.filter(withheld="")


class Feedback(BaseModel):
    """The one question after a call: asked, or why it was not, and what was answered.

    A call has one at most. An answer can be changed until the question ends, never added to.
    """

    class Withheld(models.TextChoices):
        """Why nobody was asked. The first three are an agent's own choice."""

        DECLINED = "declined", _("the customer does not want it")
        UNSUITABLE = "unsuitable", _("it does not suit this call")
        SOMEBODY_ELSE = "somebody_else", _("somebody else was on the line")
        TOO_SHORT = "too_short", _("the call was short")
        FORBIDDEN = "forbidden", _("the customer wants no questions")
        ASKED_LATELY = "asked_lately", _("asked not long ago")
        UNREACHABLE = "unreachable", _("no mobile number and no e-mail")

    BY_AGENTS = (Withheld.DECLINED, Withheld.UNSUITABLE, Withheld.SOMEBODY_ELSE)

    public_id = PublicIdField(_("public id"), prefix="fb")
    call = models.OneToOneField(
        Call, verbose_name=_("call"), on_delete=models.PROTECT, related_name="feedback"
    )
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="feedback",
        db_index=False,
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    withheld = models.CharField(
        _("why nobody was asked"), max_length=13, choices=Withheld, blank=True, default=""
    )
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    score = models.PositiveSmallIntegerField(
        _("score"), null=True, blank=True, help_text=_("From 1, badly, to 5, very well.")
    )
    words = FreeTextField(
        _("the customer’s words"), max_length=WORDS_LENGTH, blank=True, default=""
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=WORST, score__lte=BEST),
                name="feedback_score_known",
            ),
            models.CheckConstraint(
                condition=Q(score=None, answered_at=None, words="")
                | Q(score__isnull=False, answered_at__isnull=False, withheld=""),
                name="feedback_answers_a_question",
            ),
            models.CheckConstraint(
                condition=Q(withheld="", expires_at__isnull=False)
                | (~Q(withheld="") & Q(expires_at=None)),
                name="feedback_question_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="feedback_day"),
            models.Index(fields=["customer", "-id"], name="feedback_of_customer"),
            models.Index(
                fields=["answered_at"],
                condition=Q(answered_at__isnull=False),
                name="feedback_answered",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Whether it can be answered now, or the answer changed."""
        return self.expires_at is not None and timezone.now() < self.expires_at
