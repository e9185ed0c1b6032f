"""Amounts that a customer pays in instalments, and the day of each."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.fields import PublicIdField
from core.models.base import BaseModel
from core.money import Money
from crm.models import Customer
from crm.models.during_calls import made_during, of_a_call
from orders import instalments
from orders.models.promises import InvoiceHold
from orders.models.rules import currency_code, ends_once

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

_NOT_ENDED = Q(completed_at=None, broken_at=None, withdrawn_at=None)
_PLAN_NOT_ENDED = Q(plan__completed_at=None, plan__broken_at=None, plan__withdrawn_at=None)
_TO_COME = Q(paid_at=None, missed_at=None)


class PlanQuerySet(models.QuerySet["InstalmentPlan"]):
    def active(self) -> PlanQuerySet:
        """Plans that were neither completed nor broken nor withdrawn."""
        return self.filter(_NOT_ENDED)

    def with_status(self, statuses: Iterable[str]) -> PlanQuerySet:
        """Plans that have one of the statuses, as `InstalmentPlan.status` says."""
        conditions = {
            InstalmentPlan.Status.ACTIVE: _NOT_ENDED,
            InstalmentPlan.Status.COMPLETED: Q(completed_at__isnull=False),
            InstalmentPlan.Status.BROKEN: Q(broken_at__isnull=False),
            InstalmentPlan.Status.WITHDRAWN: Q(withdrawn_at__isnull=False),
        }
        wanted = (conditions[InstalmentPlan.Status(status)] for status in statuses)
        return self.filter(reduce(or_, wanted, Q(pk__in=[])))

    def holding(self, invoice_ids: list[int]) -> PlanQuerySet:
        """Active plans for which one of the invoices waits."""
        holds = InvoiceHold.objects.in_force().filter(invoice__in=invoice_ids)
        return self.active().filter(pk__in=holds.values("plan"))

    def unsettled_of(self, customer_id: int) -> PlanQuerySet:
        """A customer's plans that are active, or were broken while something is still owed."""
        owing = InvoiceHold.objects.filter(plan=OuterRef("pk"), invoice__open_amount__gt=0)
        rows = self.filter(Exists(owing), customer=customer_id)
        return rows.filter(completed_at=None, withdrawn_at=None).order_by("pk")

    def late(self, since: dt.date) -> PlanQuerySet:
        """Active plans with a part that was due before a day and is not paid."""
        parts = Instalment.objects.to_come().filter(plan=OuterRef("pk"), due_on__lt=since)
        return self.active().filter(Exists(parts))


class InstalmentPlan(BaseModel):
    """An amount that is paid in parts, each on its day. There are no fees and no interest.

    It ends once: completed when all of it stands on its invoices, broken when a part was not
    paid by its day and the days of grace, or withdrawn by a person.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        COMPLETED = "completed", _("completed")
        BROKEN = "broken", _("broken")
        WITHDRAWN = "withdrawn", _("withdrawn")

    class Rhythm(models.TextChoices):
        MONTHLY = instalments.MONTHLY, _("every month")
        FORTNIGHTLY = instalments.FORTNIGHTLY, _("every two weeks")

    class Way(models.TextChoices):
        LINK = "link", _("a link for each part")
        CHARGE = "charge", _("a saved method is charged")

    public_id = PublicIdField(_("public id"), prefix="plan")
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="instalment_plans",
    )
    amount = models.BigIntegerField(_("amount"), help_text=_("Minor units."))
    currency = models.CharField(_("currency"), max_length=3)
    rhythm = models.CharField(_("rhythm"), max_length=12, choices=Rhythm)
    way = models.CharField(_("how it is paid"), max_length=8, choices=Way)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agreed by"),
        on_delete=models.PROTECT,
        related_name="instalment_plans",
    )
    call = made_during("instalment_plans")
    completed_at = models.DateTimeField(_("completed"), null=True, blank=True)
    broken_at = models.DateTimeField(_("broken"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment plan")
        verbose_name_plural = _("instalment plans")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="plan_amount_positive"),
            currency_code("plan"),
            ends_once("plan", "completed_at", "broken_at", "withdrawn_at"),
        ]
        indexes = [
            of_a_call("plan"),
            models.Index(
                fields=["broken_at"], condition=Q(broken_at__isnull=False), name="plan_broken"
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def status(self) -> Status:
        if self.completed_at:
            return self.Status.COMPLETED
        if self.broken_at:
            return self.Status.BROKEN
        return self.Status.WITHDRAWN if self.withdrawn_at else self.Status.ACTIVE

    @property
    def ended_at(self) -> dt.datetime | None:
        return self.completed_at or self.broken_at or self.withdrawn_at


class InstalmentQuerySet(models.QuerySet["Instalment"]):
    def to_come(self) -> InstalmentQuerySet:
        """Parts that were neither paid nor missed, whatever became of their plan."""
        return self.filter(_TO_COME)

    def of_active_plans(self) -> InstalmentQuerySet:
        """Parts of plans that have not ended."""
        return self.filter(_PLAN_NOT_ENDED)

    def to_ask(self, today: dt.date) -> InstalmentQuerySet:
        """Parts whose day has come and for which nobody was asked yet."""
        return self.to_come().of_active_plans().filter(asked_at=None, due_on__lte=today)


class Instalment(BaseModel):
    """One part of a plan: how much, and on which day."""

    class Status(models.TextChoices):
        DUE = "due", _("to come")
        ASKED = "asked", _("asked for")
        PAID = "paid", _("paid")
        MISSED = "missed", pgettext_lazy("state of an instalment", "missed")
        DROPPED = "dropped", _("not asked for")

    public_id = PublicIdField(_("public id"), prefix="inst")
    plan = models.ForeignKey(
        InstalmentPlan,
        verbose_name=_("instalment plan"),
        on_delete=models.PROTECT,
        related_name="instalments",
    )
    position = models.PositiveSmallIntegerField(_("number"))
    amount = models.BigIntegerField(_("amount"), help_text=_("Minor units."))
    due_on = models.DateField(_("due"))
    asked_at = models.DateTimeField(_("asked for"), null=True, blank=True)
    paid_at = models.DateTimeField(_("paid"), null=True, blank=True)
    missed_at = models.DateTimeField(
        pgettext_lazy("state of an instalment", "missed"), null=True, blank=True
    )

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="instalment_once"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, position__gt=0), name="instalment_is_something"
            ),
            ends_once("instalment", "paid_at", "missed_at"),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=_TO_COME, name="instalment_to_come"),
            models.Index(
                fields=["missed_at"],
                condition=Q(missed_at__isnull=False),
                name="instalment_missed",
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.plan.currency)

    @property
    def status(self) -> Status:
        if self.paid_at:
            return self.Status.PAID
        if self.missed_at:
            return self.Status.MISSED
        if self.plan.ended_at:
            return self.Status.DROPPED
        return self.Status.ASKED if self.asked_at else self.Status.DUE
