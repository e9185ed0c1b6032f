"""What became of a call, in a code and a few words."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.fields import FreeCharField, FreeTextField, StructuredCharField
from core.models.base import BaseModel
from crm.models.calls import NUMBER_LENGTH, Call

MOST_CODES = 8
"""The more codes there are, the less likely the right one is chosen."""
NOTE_LENGTH = 2_000


class OutcomeCode(BaseModel):
    """One way in which calls to a queue end; a queue has eight at most.

    `key` is what machines know it by. A code that is not in use is offered no more and stays on
    the calls that have it.
    """

    key = StructuredCharField(_("key"), max_length=40)
    queue = StructuredCharField(
        _("number of the queue"),
        max_length=NUMBER_LENGTH,
        blank=True,
        default="",
        help_text=_("Our number that was called. Empty: for every queue without codes of its own."),
    )
    place = models.PositiveSmallIntegerField(_("place"), help_text=_("From 1 to 8."))
    name_en = FreeCharField(_("name in English"), max_length=60)
    name_fi = FreeCharField(_("name in Finnish"), max_length=60)
    name_sv = FreeCharField(_("name in Swedish"), max_length=60)
    is_enabled = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("outcome of calls")
        verbose_name_plural = _("outcomes of calls")
        constraints = [
            models.UniqueConstraint(fields=["queue", "key"], name="outcome_once"),
            models.UniqueConstraint(
                fields=["queue", "place"],
                condition=Q(is_enabled=True),
                name="outcome_one_in_a_place",
            ),
            models.CheckConstraint(
                condition=Q(place__gte=1) & Q(place__lte=MOST_CODES), name="outcome_place"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return str(getattr(self, f"name_{(get_language() or 'en')[:2]}", self.name_en))


class WrapUp(BaseModel):
    """What an agent leaves of a call: the outcome and a note. A draft until it is saved."""

    call = models.OneToOneField(
        Call, verbose_name=_("call"), on_delete=models.CASCADE, related_name="wrap_up"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    outcome = models.ForeignKey(
        OutcomeCode, verbose_name=_("outcome"), on_delete=models.PROTECT, null=True, blank=True
    )
    note = FreeTextField(_("note"), max_length=NOTE_LENGTH, blank=True, default="")
    saved_at = models.DateTimeField(_("saved"), null=True, blank=True)

    class Meta:
        verbose_name = _("wrap-up")
        verbose_name_plural = _("wrap-ups")
        indexes = [models.Index(fields=["saved_at", "outcome"], name="wrapup_day")]
