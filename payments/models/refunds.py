"""Money on its way back, asked for by us or taken by a customer's bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField
from core.models.base import BaseModel
from core.money import Money
from crm.models.during_calls import made_during, of_a_call
from payments.models.attempts import Capture, Origin
from payments.models.second_person import above_limit_decided, never_the_same

if TYPE_CHECKING:
    import datetime as dt

    from core.models import User


class RefundQuerySet(models.QuerySet["Refund"]):
    def holding_money(self) -> RefundQuerySet:
        """Refunds that reduce what is left of their capture."""
        return self.exclude(status__in=Refund.RELEASED)

    def awaiting(self) -> RefundQuerySet:
        """Refunds that wait for a second person, the oldest first."""
        return self.filter(status=Refund.Status.AWAITING_APPROVAL).order_by("created_at", "pk")

    def let_go_by(self, person: User, since: dt.datetime) -> RefundQuerySet:
        """Refunds that count in a person's day: their own within limits, others they approved."""
        own = Q(requested_by=person, above_limit="", created_at__gte=since)
        return self.holding_money().filter(own | Q(decided_by=person, decided_at__gte=since))


class Refund(BaseModel):
    """Money on its way back to a customer. Amounts are minor units of the capture's currency.

    A refund is reserved before the provider is asked, so two agents can never promise the
    same cent, and a crash in between loses nothing. One above a limit of who asked holds the
    money too, and is sent only once a second person has approved it.

    It names a capture and no destination: money goes back the way it came.
    """

    class Status(models.TextChoices):
        AWAITING_APPROVAL = "awaiting_approval", _("waits for approval")
        REQUESTED = "requested", _("requested")
        UNKNOWN = "unknown", _("no answer yet")
        PENDING = "pending", _("on its way")
        NOT_EXECUTED = "not_executed", _("not carried out")
        CANCELED = "canceled", _("cancelled")
        SUCCEEDED = "succeeded", _("refunded")
        FAILED = "failed", _("failed")

    class Above(models.TextChoices):
        """Which limit of who asked it is above, so that a second person decides."""

        PER_REFUND = "per_refund", _("above the limit of a refund")
        PER_DAY = "per_day", _("above the limit of the day")

    RELEASED = (Status.NOT_EXECUTED, Status.CANCELED, Status.FAILED)

    public_id = PublicIdField(_("public id"), prefix="re")
    capture = models.ForeignKey(
        Capture, verbose_name=_("capture"), on_delete=models.PROTECT, related_name="refunds"
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, default=Origin.OURS)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=24, choices=Status, default=Status.REQUESTED)
    reason = FreeCharField(_("reason"), max_length=200, blank=True, default="")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="refunds",
    )
    call = made_during("refunds")
    invoice = models.ForeignKey(
        "orders.Invoice",
        verbose_name=_("invoice of the lines"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="line_refunds",
        db_index=False,
        help_text=_("Where lines of an invoice were chosen."),
    )
    wants_credit_note = models.BooleanField(_("with a credit note"), default=False)
    above_limit = models.CharField(
        _("above which limit"), max_length=10, choices=Above, blank=True, default=""
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="decided_refunds",
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    refusal = FreeCharField(_("why it was refused"), max_length=200, blank=True, default="")

    objects = RefundQuerySet.as_manager()

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_amount_positive"),
            never_the_same("refund"),
            above_limit_decided("refund"),
        ]
        indexes = [
            models.Index(F("created_at").desc(), name="refund_newest"),
            of_a_call("refund"),
            models.Index(
                fields=["requested_by", "created_at"],
                name="refund_agent_day",
                condition=Q(requested_by__isnull=False),
            ),
            models.Index(
                fields=["decided_by", "decided_at"],
                name="refund_decider_day",
                condition=Q(decided_by__isnull=False),
            ),
            models.Index(
                fields=["decided_at"], name="refund_for_two", condition=~Q(above_limit="")
            ),
            models.Index(
                fields=["created_at"],
                name="refund_awaiting",
                condition=Q(status="awaiting_approval"),
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)


class RefundLine(models.Model):
    """Pieces of one line of an invoice that a refund gives back: held until it is known.

    The database refuses more pieces than the line has, over all refunds that were not released.
    """

    refund = models.ForeignKey(
        Refund, verbose_name=_("refund"), on_delete=models.PROTECT, related_name="lines"
    )
    line = models.ForeignKey(
        "orders.InvoiceLine",
        verbose_name=_("invoice line"),
        on_delete=models.PROTECT,
        related_name="refund_lines",
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    credit_note = models.ForeignKey(
        "orders.CreditNote",
        verbose_name=_("credit note"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="refund_lines",
        db_index=False,
    )

    class Meta:
        verbose_name = _("line of a refund")
        verbose_name_plural = _("lines of refunds")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="refund_line_quantity"),
            models.UniqueConstraint(fields=["refund", "line"], name="refund_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.refund_id}/{self.line_id}"


class Dispute(BaseModel):
    """One round of a customer's bank asking the money back. An inquiry has amount zero."""

    class Status(models.TextChoices):
        NEEDS_RESPONSE = "needs_response", _("needs an answer")
        UNDER_REVIEW = "under_review", _("being decided")
        LOST = "lost", _("lost")
        WON = "won", _("won")

    public_id = PublicIdField(_("public id"), prefix="dp")
    capture = models.ForeignKey(
        Capture, verbose_name=_("capture"), on_delete=models.PROTECT, related_name="disputes"
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(
        _("status"), max_length=16, choices=Status, default=Status.NEEDS_RESPONSE
    )
    reason = FreeCharField(_("reason"), max_length=200, blank=True, default="")

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="dispute_amount_not_negative"),
        ]
