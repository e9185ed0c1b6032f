"""Our contracts with providers."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedJSONField, FreeCharField, PublicIdField, StructuredCharField
from core.models.base import BaseModel


class ProviderAccount(BaseModel):
    """One contract with one provider. Its credentials are encrypted and never shown again.

    An account for practice is at the sandbox, and takes practice customers and nobody else: a
    trigger on the attempts holds that.
    """

    public_id = PublicIdField(_("public id"), prefix="acct")
    kind = StructuredCharField(_("provider"), max_length=40)
    name = FreeCharField(_("name"), max_length=120)
    credentials = EncryptedJSONField(_("stored credentials"), default=dict)
    currencies = ArrayField(
        models.CharField(max_length=3), verbose_name=_("currencies"), default=list
    )
    methods = ArrayField(
        models.CharField(max_length=40), verbose_name=_("ways to pay"), default=list
    )
    priority = models.PositiveSmallIntegerField(_("order of use"), default=100)
    is_enabled = models.BooleanField(_("in use"), default=True)
    is_practice = models.BooleanField(
        _("for practice"), default=False, db_default=False, editable=False
    )
    unavailable_until = models.DateTimeField(_("out of reach until"), null=True, blank=True)

    class Meta:
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_practice=False) | models.Q(kind="sandbox"),
                name="practice_moves_no_money",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_healthy(self) -> bool:
        """Whether the provider answered lately; an unhealthy account is offered last."""
        return self.unavailable_until is None or self.unavailable_until <= timezone.now()
