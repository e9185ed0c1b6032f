"""The people who work here."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import PublicIdField


class Role(models.TextChoices):
    """What a person is here for. `core.policy` says what each role may do."""

    AGENT = "agent", _("agent")
    SENIOR_AGENT = "senior_agent", _("senior agent")
    FINANCE = "finance", _("finance")
    SUPERVISOR = "supervisor", _("supervisor")
    ADMIN = "admin", _("administrator")
    AUDITOR = "auditor", _("auditor")


class User(AbstractUser):
    """Somebody who signs in. One person, one role."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("as the system")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Language(models.TextChoices):
        BROWSER = "", _("as the browser")
        ENGLISH = "en", "English"
        FINNISH = "fi", "suomi"
        SWEDISH = "sv", "svenska"

    class Tour(models.TextChoices):
        """The tours of the desk: what each role is shown when it comes for the first time."""

        NONE = "", _("none")
        AGENT = "agent", _("agent")
        FINANCE = "finance", _("finance")
        SUPERVISOR = "supervisor", _("supervisor")

    public_id = PublicIdField(_("public id"), prefix="usr")
    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.AGENT)
    language = models.CharField(_("language"), max_length=2, choices=Language, blank=True)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme, default=Theme.SYSTEM)
    shortcuts_enabled = models.BooleanField(_("keyboard shortcuts"), default=True)
    tour_taken = models.CharField(
        _("tour taken"),
        max_length=16,
        choices=Tour,
        blank=True,
        default=Tour.NONE,
        db_default="",
        editable=False,
        help_text=_("The last one that was shown. It does not begin by itself again."),
    )
    is_demo = models.BooleanField(
        _("demo login"),
        default=False,
        editable=False,
        help_text=_("Needs no second factor while this is a demo on one machine."),
    )

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known")
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username
