"""Requests to providers, committed before they are sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import PublicIdField, StructuredCharField
from core.leases import Lease
from core.models.base import BaseModel
from core.money import Money
from payments.models.accounts import ProviderAccount
from payments.models.attempts import Cancellation, Capture, PaymentAttempt
from payments.models.intents import PaymentIntent
from payments.models.refunds import Refund


class ProviderOperation(Lease, BaseModel):
    """One request we send, and what became of it.

    The key and the request's hash never change, so a repeat is the same request. `unknown`
    is left only by a fact from the provider or by a person's decision, never by time.
    """

    class Kind(models.TextChoices):
        CREATE = "create", _("open a page")
        CHARGE = "charge", _("charge a saved method")
        CAPTURE = "capture", _("take authorised money")
        CANCEL = "cancel", _("let go of authorised money")
        REFUND = "refund", _("refund")
        CLOSE_SESSION = "close_session", _("close a page")
        PUSH = "push", _("reach the customer")
        ASK = "ask", _("ask for a field")
        CONFIRM = "confirm", _("charge what was keyed")

    class Status(models.TextChoices):
        CREATED = "created", _("to be sent")
        SENT = "sent", _("sent")
        DONE = "done", _("done")
        DECLINED = "declined", _("declined")
        NOT_EXECUTED = "not_executed", _("not carried out")
        UNKNOWN = "unknown", _("no answer yet")

    OPEN = (Status.CREATED, Status.SENT, Status.UNKNOWN)
    # What can move money, or reach the customer without a page of ours: unknown, it blocks.
    MOVES_MONEY = (Kind.CHARGE, Kind.CAPTURE, Kind.REFUND, Kind.PUSH, Kind.CONFIRM)

    public_id = PublicIdField(_("public id"), prefix="op")
    account = models.ForeignKey(
        ProviderAccount, verbose_name=_("provider account"), on_delete=models.PROTECT
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    key = models.CharField(_("key"), max_length=80)
    request_hash = models.CharField(_("digest of the request"), max_length=64)
    intent = models.ForeignKey(
        PaymentIntent,
        verbose_name=_("payment intent"),
        on_delete=models.PROTECT,
        related_name="operations",
    )
    attempt = models.ForeignKey(
        PaymentAttempt,
        verbose_name=_("payment attempt"),
        on_delete=models.PROTECT,
        related_name="operations",
    )
    capture = models.ForeignKey(
        Capture, verbose_name=_("capture"), on_delete=models.PROTECT, null=True, blank=True
    )
    cancellation = models.ForeignKey(
        Cancellation,
        verbose_name=_("cancellation"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
    )
    refund = models.ForeignKey(
        Refund, verbose_name=_("refund"), on_delete=models.PROTECT, null=True, blank=True
    )
    field = StructuredCharField(_("field that is asked for"), max_length=20, blank=True, default="")
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)

    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.CREATED)
    send_at = models.DateTimeField(_("sent from"), help_text=_("Not sent before this instant."))
    send_until = models.DateTimeField(
        _("sent until"), help_text=_("Never sent or repeated after this instant.")
    )
    first_sent_at = models.DateTimeField(_("first sent"), null=True, blank=True)
    last_sent_at = models.DateTimeField(_("last sent"), null=True, blank=True)
    sends = models.PositiveSmallIntegerField(_("times sent"), default=0)
    has_lost_answer = models.BooleanField(_("an answer was lost"), default=False)
    resolve_at = models.DateTimeField(_("asked again at"), null=True, blank=True)
    resolves = models.PositiveIntegerField(_("times asked again"), default=0)
    error_code = models.CharField(_("code of the error"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("provider operation")
        verbose_name_plural = _("provider operations")
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="operation_key_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="operation_amount"),
        ]
        indexes = [
            models.Index(
                fields=["send_at"], name="operation_to_send", condition=Q(status="created")
            ),
            models.Index(fields=["lease_until"], name="operation_sent", condition=Q(status="sent")),
            models.Index(
                fields=["resolve_at"], name="operation_unknown", condition=Q(status="unknown")
            ),
        ]

    @property
    def subject(self) -> Refund | Capture | Cancellation | PaymentAttempt:
        """The row that the operation is to bring about."""
        return self.refund or self.capture or self.cancellation or self.attempt

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)
