"""What two people decided about an operation that its provider never answered for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField
from core.models.base import BaseModel
from payments.models.operations import ProviderOperation
from payments.models.second_person import never_the_same


class OutcomeDecisionQuerySet(models.QuerySet["OutcomeDecision"]):
    def awaiting(self) -> OutcomeDecisionQuerySet:
        """Decisions that wait for a second person, the oldest first.

        One whose operation the provider has answered for meanwhile waits no more.
        """
        unknown = ProviderOperation.Status.UNKNOWN
        waiting = self.filter(status=OutcomeDecision.Status.AWAITING, operation__status=unknown)
        return waiting.order_by("created_at", "pk")


class OutcomeDecision(BaseModel):
    """What became of an operation without an answer, as two people found it.

    One looks at the provider's dashboard and asks; another one approves, and only then it is
    a fact. The provider's own final word still comes before it. What was seen is text and no
    `ProviderReference`: a person's typing must not claim one of the provider's subjects.
    """

    class Outcome(models.TextChoices):
        CARRIED_OUT = "carried_out", _("carried out")
        NOT_CARRIED_OUT = "not_carried_out", _("not carried out")

    class Status(models.TextChoices):
        AWAITING = "awaiting", _("waits for a second person")
        APPROVED = "approved", _("approved")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    public_id = PublicIdField(_("public id"), prefix="dec")
    operation = models.ForeignKey(
        ProviderOperation,
        verbose_name=_("provider operation"),
        on_delete=models.PROTECT,
        related_name="decisions",
    )
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    reason = FreeCharField(_("reason"), max_length=200)
    seen = FreeCharField(
        _("seen at the provider"),
        max_length=200,
        blank=True,
        default="",
        help_text=_("What the provider’s dashboard showed, in words."),
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.AWAITING)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        on_delete=models.PROTECT,
        related_name="asked_decisions",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decided_decisions",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    refusal = FreeCharField(_("why it was refused"), max_length=200, blank=True, default="")

    objects = OutcomeDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about an outcome")
        verbose_name_plural = _("decisions about outcomes")
        constraints = [
            never_the_same("decision"),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "refused"]) | Q(decided_by__isnull=False),
                name="decision_names_who_decided",
            ),
            models.UniqueConstraint(
                fields=["operation"],
                condition=Q(status__in=["awaiting", "approved"]),
                name="decision_one_for_an_operation",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="decision_awaiting", condition=Q(status="awaiting")
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
