"""Our contracts with providers."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedJSONField, FreeCharField, PublicIdField, StructuredCharField
from core.models.base import BaseModel


class ProviderAccountQuerySet(models.QuerySet["ProviderAccount"]):
    def taking(self, currency: str) -> ProviderAccountQuerySet:
        """Enabled accounts that take the currency, the preferred one first."""
        enabled = self.filter(is_enabled=True, currencies__contains=[currency])
        return enabled.order_by("priority", "pk")


class ProviderAccount(BaseModel):
    """One contract with one provider. Its credentials are encrypted and never shown again."""

    public_id = PublicIdField(prefix="acct")
    kind = StructuredCharField(max_length=40)
    name = FreeCharField(max_length=120)
    credentials = EncryptedJSONField(default=dict)
    currencies = ArrayField(models.CharField(max_length=3), default=list)
    methods = ArrayField(models.CharField(max_length=40), default=list)
    priority = models.PositiveSmallIntegerField(default=100)
    is_enabled = models.BooleanField(default=True)
    unavailable_until = models.DateTimeField(null=True, blank=True)

    objects = ProviderAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")

    def __str__(self) -> str:
        return self.name

    @property
    def is_healthy(self) -> bool:
        """Whether the provider answered lately; an unhealthy account is offered last."""
        return self.unavailable_until is None or self.unavailable_until <= timezone.now()
