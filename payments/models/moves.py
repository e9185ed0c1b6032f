"""A customer's free money that is put on another invoice of theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField
from core.models.base import BaseModel
from core.money import Money
from crm.models.during_calls import made_during, of_a_call
from payments.models.intents import PaymentIntent
from payments.models.second_person import above_limit_decided, never_the_same

if TYPE_CHECKING:
    import datetime as dt

    from core.models import User


class SurplusMoveQuerySet(models.QuerySet["SurplusMove"]):
    def awaiting(self) -> SurplusMoveQuerySet:
        """Moves that wait for a second person, the oldest first."""
        return self.filter(status=SurplusMove.Status.AWAITING).order_by("created_at", "pk")

    def let_go_by(self, person: User, since: dt.datetime) -> SurplusMoveQuerySet:
        """Moves that count in a person's day: their own within limits, others they approved."""
        own = Q(requested_by=person, above_limit="", created_at__gte=since)
        moved = self.filter(status=SurplusMove.Status.MOVED)
        return moved.filter(own | Q(decided_by=person, decided_at__gte=since))


class SurplusMove(BaseModel):
    """Surplus of a payment that pays another open invoice of its customer. Minor units.

    One above a limit of who asked waits for a second person. It holds nothing meanwhile: what
    is left is looked at again when it is approved. A move that was made can be taken back.
    """

    class Status(models.TextChoices):
        AWAITING = "awaiting_approval", _("waits for approval")
        MOVED = "moved", _("moved")
        CANCELED = "canceled", _("cancelled")
        TAKEN_BACK = "taken_back", _("taken back")

    class Above(models.TextChoices):
        """Which limit of who asked it is above, so that a second person decides."""

        PER_MOVE = "per_move", _("above the limit of a move")
        PER_DAY = "per_day", _("above the limit of the day")

    public_id = PublicIdField(_("public id"), prefix="mov")
    intent = models.ForeignKey(
        PaymentIntent,
        verbose_name=_("payment intent"),
        on_delete=models.PROTECT,
        related_name="moves",
    )
    invoice = models.ForeignKey(
        "orders.Invoice",
        verbose_name=_("invoice"),
        on_delete=models.PROTECT,
        related_name="surplus_moves",
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=20, choices=Status)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        on_delete=models.PROTECT,
        related_name="moves",
    )
    call = made_during("surplus_moves")
    above_limit = models.CharField(
        _("above which limit"), max_length=10, choices=Above, blank=True, default=""
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decided_moves",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    refusal = FreeCharField(_("why it was refused"), max_length=200, blank=True, default="")

    objects = SurplusMoveQuerySet.as_manager()

    class Meta:
        verbose_name = _("move of surplus")
        verbose_name_plural = _("moves of surplus")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="move_amount_positive"),
            never_the_same("move"),
            above_limit_decided("move"),
        ]
        indexes = [
            of_a_call("move"),
            models.Index(
                fields=["created_at"],
                name="move_awaiting",
                condition=Q(status="awaiting_approval"),
            ),
            models.Index(fields=["requested_by", "created_at"], name="move_agent_day"),
            models.Index(
                fields=["decided_by", "decided_at"],
                name="move_decider_day",
                condition=Q(decided_by__isnull=False),
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
