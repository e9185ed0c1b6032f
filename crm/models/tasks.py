"""What somebody still has to do for a customer, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, PublicIdField, StructuredCharField
from core.models.base import BaseModel
from crm.models.customers import Customer

if TYPE_CHECKING:
    from core.models import User

TEXT_LENGTH = 500


class TaskQuerySet(models.QuerySet["Task"]):
    """Tasks, chosen by who does them and when."""

    def open(self) -> TaskQuerySet:
        """Those that nobody has done yet."""
        return self.filter(done_at=None)

    def made_up(self, *, is_practice: bool) -> TaskQuerySet:
        """Those of customers made up for practice in a lesson, and all others outside of it."""
        practised = Q(customer__is_practice=True)
        return self.filter(practised) if is_practice else self.exclude(practised)

    def of(self, user: User) -> TaskQuerySet:
        """Those of one person."""
        return self.filter(assigned_to=user)

    def waiting_for(self, user: User) -> TaskQuerySet:
        """Those of one person, and those of nobody, which anybody may take."""
        return self.filter(Q(assigned_to=user) | Q(assigned_to=None))

    def in_order(self) -> TaskQuerySet:
        """What is due first stands first, with whom it is about and who does it."""
        return self.select_related("customer", "assigned_to").order_by("due_at", "pk")


class Task(BaseModel):
    """A call-back, a follow-up, or what a machine found that a person must look after.

    `cause` names the fact for which a machine made it; for one cause there is one task.
    """

    class Kind(models.TextChoices):
        CALL_BACK = "call_back", _("call back")
        FOLLOW_UP = "follow_up", _("follow up")
        PROMISE_BROKEN = "promise_broken", _("promise broken")
        PLAN_BROKEN = "plan_broken", _("instalments broken")
        INSTALMENT = "instalment", _("instalment not taken")
        OUT_OF_STOCK = "out_of_stock", _("paid for, but out of stock")

    public_id = PublicIdField(_("public id"), prefix="task")
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="tasks",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    text = FreeCharField(_("what to do"), max_length=TEXT_LENGTH, blank=True, default="")
    due_at = models.DateTimeField(_("due"))
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who does it"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("Empty: whoever takes it."),
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("made by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    cause = StructuredCharField(_("cause"), max_length=120, blank=True, default="")
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.UniqueConstraint(
                fields=["cause"], condition=~Q(cause=""), name="task_once_for_a_cause"
            ),
        ]
        indexes = [
            models.Index(
                fields=["assigned_to", "due_at", "id"],
                condition=Q(done_at=None),
                name="task_open_of_somebody",
            ),
            models.Index(
                fields=["due_at", "id"], condition=Q(done_at=None), name="task_open_by_due"
            ),
            models.Index(fields=["customer", "due_at"], name="task_of_customer"),
        ]

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been done by now."""
        return self.done_at is None and self.due_at < timezone.now()
