"""Machines that use the API, and how much each role may refund."""

from __future__ import annotations

import hashlib
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import PublicIdField
from core.models.base import BaseModel
from core.models.users import Role


def hash_secret(secret: str) -> str:
    """Hash a secret of 256 random bits. No salt and no stretching: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


class ApiKey(BaseModel):
    """A machine's way in: what it may do is listed, its secret is known to its holder only.

    `owner` is the person who answers for it, whose name its rows carry; the key ends when
    that person's account does. Refund limits are those of `role`.
    """

    is_authenticated: Final = True
    is_anonymous: Final = False

    public_id = PublicIdField(_("public id"), prefix="key")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(
        _("begins with"), max_length=12, unique=True, editable=False, db_collation="C"
    )
    secret_hash = models.CharField(_("digest of the secret"), max_length=64, editable=False)
    permissions = ArrayField(
        models.CharField(max_length=32), verbose_name=_("permissions"), default=list, blank=True
    )
    role = models.CharField(_("limits of role"), max_length=16, choices=Role, default=Role.AGENT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.PROTECT,
        related_name="api_keys",
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Whether it still opens the door: not revoked, not expired, its owner still here."""
        is_expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not is_expired and self.owner.is_active


class RoleLimit(models.Model):
    """How much one person of a role may refund, and move to another invoice.

    Each at a time, and on a business day.
    """

    role = models.CharField(_("role"), max_length=16, choices=Role)
    currency = models.CharField(_("currency"), max_length=3)
    per_refund = models.BigIntegerField(_("per refund"), help_text=_("In minor units."))
    per_day = models.BigIntegerField(_("per day"), help_text=_("In minor units."))
    per_move = models.BigIntegerField(_("per move"), default=0, help_text=_("In minor units."))
    moves_per_day = models.BigIntegerField(
        _("moves per day"), default=0, help_text=_("In minor units.")
    )

    class Meta:
        verbose_name = _("limit of a role")
        verbose_name_plural = _("limits of roles")
        constraints = [
            models.UniqueConstraint(fields=["role", "currency"], name="role_limit_once"),
            models.CheckConstraint(
                condition=Q(per_refund__gte=0) & Q(per_day__gte=0), name="role_limit_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(per_move__gte=0) & Q(moves_per_day__gte=0),
                name="role_limit_of_moves_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.currency}"
