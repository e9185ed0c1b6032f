"""Telephone systems, whose telephone is whose, and the calls."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import (
    EncryptedJSONField,
    FreeCharField,
    PublicIdField,
    StructuredCharField,
    XidField,
)
from core.models.base import BaseModel
from crm.models.customers import Customer

EXTERNAL_ID_LENGTH = 120
NUMBER_LENGTH = 40


class PhoneSystem(BaseModel):
    """One telephone system that tells us of calls. Its secret is encrypted, never shown again.

    `credentials` holds `secret`, and for systems that take commands `control_url`.
    """

    class Kind(models.TextChoices):
        GENERIC = "generic", _("any system, by signed JSON")
        TWILIO = "twilio", "Twilio"
        ASTERISK = "asterisk", "Asterisk"

    public_id = PublicIdField(_("public id"), prefix="tel")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.GENERIC)
    name = FreeCharField(_("name"), max_length=120)
    credentials = EncryptedJSONField(_("stored credentials"), default=dict)
    is_enabled = models.BooleanField(_("in use"), default=True)
    is_practice = models.BooleanField(
        _("for practice"), default=False, db_default=False, editable=False
    )

    class Meta:
        verbose_name = _("telephone system")
        verbose_name_plural = _("telephone systems")

    def __str__(self) -> str:
        return self.name


class Extension(BaseModel):
    """Whose telephone a number or name of a telephone system is."""

    phone_system = models.ForeignKey(
        PhoneSystem,
        verbose_name=_("telephone system"),
        on_delete=models.CASCADE,
        related_name="extensions",
        db_index=False,
    )
    number = StructuredCharField(
        _("number or name"), max_length=NUMBER_LENGTH, help_text=_("As the system writes it.")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("whose it is"),
        on_delete=models.CASCADE,
        related_name="extensions",
    )

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        constraints = [
            models.UniqueConstraint(fields=["phone_system", "number"], name="extension_once")
        ]

    def __str__(self) -> str:
        return self.number


class Call(BaseModel):
    """One telephone call. Everything but customer and version is the join of its events.

    The customer is who alone has the number, or whom a person named.
    """

    class Direction(models.TextChoices):
        INBOUND = "inbound", _("incoming")
        OUTBOUND = "outbound", _("outgoing")

    class Status(models.TextChoices):
        RINGING = "ringing", _("ringing")
        ANSWERED = "answered", _("on the line")
        HELD = "held", _("on hold")
        ENDED = "ended", _("ended")
        FAILED = "failed", _("not connected")

    class Recording(models.TextChoices):
        NONE = "none", _("not recorded")
        ON = "on", _("recording")
        PAUSED = "paused", _("recording paused")

    LIVE = (Status.RINGING, Status.ANSWERED, Status.HELD)

    public_id = PublicIdField(_("public id"), prefix="call")
    phone_system = models.ForeignKey(
        PhoneSystem,
        verbose_name=_("telephone system"),
        on_delete=models.PROTECT,
        related_name="calls",
        db_index=False,
    )
    # Each adapter refuses ids that are not of its system's own form.
    external_id = models.CharField(_("id in the system"), max_length=EXTERNAL_ID_LENGTH)
    direction = models.CharField(
        _("direction"), max_length=8, choices=Direction, default=Direction.INBOUND
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.RINGING)
    recording = models.CharField(
        _("recording"), max_length=6, choices=Recording, default=Recording.NONE
    )
    their_number = StructuredCharField(
        _("number of the customer"), max_length=NUMBER_LENGTH, blank=True, default=""
    )
    our_number = StructuredCharField(
        _("our number"), max_length=NUMBER_LENGTH, blank=True, default=""
    )
    customer = models.ForeignKey(
        Customer,
        verbose_name=_("customer"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="calls",
        db_index=False,
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="calls",
        db_index=False,
    )
    is_customer_chosen = models.BooleanField(_("customer named by a person"), default=False)
    ringing_at = models.DateTimeField(_("rang"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    version = models.BigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.UniqueConstraint(fields=["phone_system", "external_id"], name="call_once")
        ]
        indexes = [
            models.Index(
                fields=["agent", "-id"],
                condition=Q(status__in=["ringing", "answered", "held"]),
                name="call_live_of_agent",
            ),
            models.Index(fields=["agent", "-id"], name="call_of_agent"),
            models.Index(fields=["customer", "-id"], name="call_of_customer"),
            models.Index(fields=["created_at"], name="call_begun"),
        ]

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE

    @property
    def is_missed(self) -> bool:
        """Whether somebody called and nobody answered."""
        is_over = self.status == self.Status.ENDED
        return is_over and self.direction == self.Direction.INBOUND and self.answered_at is None


class CallEvent(models.Model):
    """One thing that happened to a call. Append-only: only their number can be blanked."""

    class Kind(models.TextChoices):
        RINGING = "ringing", _("Rang")
        ANSWERED = "answered", _("Answered")
        HELD = "held", _("Put on hold")
        RESUMED = "resumed", _("Off hold")
        RECORDING_STARTED = "recording_started", _("Recording began")
        RECORDING_PAUSED = "recording_paused", _("Recording paused")
        RECORDING_RESUMED = "recording_resumed", _("Recording goes on")
        RECORDING_STOPPED = "recording_stopped", _("Recording ended")
        TRANSFERRED = "transferred", _("Transferred")
        ENDED = "ended", _("Ended")
        DIAL_FAILED = "dial_failed", _("Not connected")

    call = models.ForeignKey(
        Call,
        verbose_name=_("call"),
        on_delete=models.PROTECT,
        related_name="events",
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    at = models.DateTimeField(_("at"))
    received_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)
    extension = StructuredCharField(
        _("extension"), max_length=NUMBER_LENGTH, blank=True, default=""
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    direction = models.CharField(_("direction"), max_length=8, blank=True, default="")
    their_number = StructuredCharField(
        _("number of the customer"), max_length=NUMBER_LENGTH, blank=True, default=""
    )
    our_number = StructuredCharField(
        _("our number"), max_length=NUMBER_LENGTH, blank=True, default=""
    )
    dedupe_key = models.CharField(_("key against repeats"), max_length=64)
    xid = XidField(_("transaction"))

    class Meta:
        verbose_name = _("event of a call")
        verbose_name_plural = _("events of calls")
        constraints = [
            models.UniqueConstraint(fields=["call", "dedupe_key"], name="call_event_once")
        ]
        indexes = [models.Index(fields=["xid", "id"], name="call_event_xid")]

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind}"


class AgentLine(models.Model):
    """One agent's telephone as live screens see it: a version that grows with all its news."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent"),
        on_delete=models.CASCADE,
        related_name="line",
        primary_key=True,
    )
    version = models.BigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("line of an agent")
        verbose_name_plural = _("lines of agents")

    def __str__(self) -> str:
        return f"{self.user_id} {self.version}"
