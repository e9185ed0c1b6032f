"""The customer's way to pay an intent."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields import PublicIdField, StructuredCharField
from core.models.base import BaseModel
from crm.models.during_calls import made_during, of_a_call
from payments.models.intents import PaymentIntent
from payments.models.keypads import Keypad
from payments.models.terminals import Terminal


class CheckoutSessionQuerySet(models.QuerySet["CheckoutSession"]):
    def payable(self, kind: str) -> CheckoutSessionQuerySet:
        """Sessions of a kind that are open and whose time is not over."""
        return self.filter(
            kind=kind, status=CheckoutSession.Status.OPEN, expires_at__gt=timezone.now()
        )


class CheckoutSession(BaseModel):
    """The customer's way to pay: a link, a card that is keyed, or a transfer.

    At most one is open for an intent. The secret of a link is stored nowhere; `turn` grows when
    its address must change, and an older address then opens nothing. A bank transfer opens
    nothing at all: it is only waited for. A card keyed on the phone is heard by `keypad` alone;
    `is_masked` says that no recording of the call holds its digits.
    """

    class Kind(models.TextChoices):
        LINK = "link", _("pay link")
        KEYED = "keyed", _("card keyed by an agent")
        BANK = "bank", _("bank transfer")
        KEYPAD = "keypad", _("card keyed on the phone")
        TERMINAL = "terminal", _("card terminal")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        CLOSING = "closing", _("being closed")
        CLOSED = "closed", _("closed")
        PAID = "paid", _("paid")
        EXPIRED = "expired", _("expired")

    PAYABLE = (Status.OPEN, Status.CLOSING)

    public_id = PublicIdField(_("public id"), prefix="cs")
    intent = models.ForeignKey(
        PaymentIntent,
        verbose_name=_("payment intent"),
        on_delete=models.PROTECT,
        related_name="sessions",
    )
    call = made_during("checkout_sessions")
    keypad = models.ForeignKey(
        Keypad,
        verbose_name=_("keypad"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    terminal = models.ForeignKey(
        Terminal,
        verbose_name=_("terminal"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    is_masked = models.BooleanField(_("digits are masked"), default=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.LINK)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.OPEN)
    turn = models.PositiveSmallIntegerField(_("turn"), default=1)
    language = models.CharField(_("language"), max_length=8, default="fi")
    channel = models.CharField(_("channel"), max_length=16, blank=True, default="")
    destination = StructuredCharField(_("to"), max_length=254, blank=True, default="")
    expires_at = models.DateTimeField(_("expires"))
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = CheckoutSessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("checkout session")
        verbose_name_plural = _("checkout sessions")
        constraints = [
            models.UniqueConstraint(
                fields=["intent"], condition=Q(status="open"), name="session_one_open_per_intent"
            ),
            models.UniqueConstraint(
                fields=["terminal"], condition=Q(status="open"), name="session_one_per_terminal"
            ),
        ]
        indexes = [
            models.Index(
                fields=["opened_at"],
                name="session_keyed",
                condition=Q(kind__in=["keyed", "keypad"]),
            ),
            models.Index(
                fields=["expires_at"],
                name="session_to_expire",
                condition=Q(status__in=["open", "closing"]),
            ),
            of_a_call("session"),
            BrinIndex(fields=["created_at"], name="session_day", autosummarize=True),
        ]
