"""Tries to collect, the money they took or let go, and the provider's names for them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import PublicIdField, StructuredCharField
from core.leases import Lease
from core.models.base import BaseModel
from core.money import Money
from crm.models.during_calls import made_during, of_a_call
from payments.models.accounts import ProviderAccount
from payments.models.intents import PaymentIntent
from payments.models.methods import PaymentMethod
from payments.models.sessions import CheckoutSession


class Origin(models.TextChoices):
    """Who asked for a row: we did, or the provider told us of it."""

    OURS = "ours", _("asked for here")
    PROVIDER = "provider", _("made at the provider")
    DECISION = "decision", _("decided by two people")


class PaymentAttempt(Lease, BaseModel):
    """One try to collect an amount at one provider account. Amounts are minor units.

    `poll_at` says when its state is next read; the lease lets one reader at a time do it.
    """

    class Status(models.TextChoices):
        UNKNOWN = "unknown", _("no answer yet")
        PENDING = "pending", _("under way")
        DECLINED = "declined", _("declined")
        EXPIRED = "expired", _("expired")
        NOT_EXECUTED = "not_executed", _("not carried out")
        CANCELED = "canceled", _("cancelled")
        AUTHORISED = "authorised", _("authorised")

    LIVE = (Status.UNKNOWN, Status.PENDING, Status.AUTHORISED)

    public_id = PublicIdField(_("public id"), prefix="pa")
    intent = models.ForeignKey(
        PaymentIntent,
        verbose_name=_("payment intent"),
        on_delete=models.PROTECT,
        related_name="attempts",
    )
    session = models.ForeignKey(
        CheckoutSession,
        verbose_name=_("checkout session"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attempts",
    )
    account = models.ForeignKey(
        ProviderAccount, verbose_name=_("provider account"), on_delete=models.PROTECT
    )
    call = made_during("payment_attempts")
    method = models.CharField(_("way to pay"), max_length=40)
    saved_method = models.ForeignKey(
        PaymentMethod,
        verbose_name=_("saved payment method"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="attempts",
    )
    saves_method = models.BooleanField(
        _("is to be kept"),
        default=False,
        help_text=_("The customer allowed the method to be kept."),
    )
    is_off_session = models.BooleanField(
        _("without the customer"),
        default=False,
        db_default=False,
        help_text=_("Charged by agreement, while the customer is not there."),
    )
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    page_url = models.TextField(_("address of the page"), blank=True, default="", editable=False)
    page_expires_at = models.DateTimeField(
        _("page open until"), null=True, blank=True, editable=False
    )
    superseded_at = models.DateTimeField(_("replaced"), null=True, blank=True, editable=False)
    client_digest = models.CharField(
        _("digest of the customer’s address"), max_length=32, blank=True, default="", editable=False
    )

    status = models.CharField(
        _("status"), max_length=16, choices=Status, default=Status.PENDING, editable=False
    )
    authorised = models.BigIntegerField(_("authorised"), default=0, editable=False)
    captured = models.BigIntegerField(_("taken"), default=0, editable=False)
    cancelled = models.BigIntegerField(_("let go"), default=0, editable=False)
    error_code = models.CharField(
        _("code of the error"), max_length=60, blank=True, default="", editable=False
    )
    method_brand = models.CharField(
        _("brand"), max_length=40, blank=True, default="", editable=False
    )
    method_last4 = StructuredCharField(
        _("last digits of the card"), max_length=4, blank=True, default="", editable=False
    )

    poll_at = models.DateTimeField(_("read next"), null=True, blank=True, editable=False)
    polls = models.PositiveIntegerField(_("times read"), default=0, editable=False)

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="attempt_amount_positive"),
            models.CheckConstraint(
                condition=Q(authorised__gte=0) & Q(captured__gte=0) & Q(cancelled__gte=0),
                name="attempt_joined_amounts_not_negative",
            ),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(
                    status__in=["pending", "unknown", "authorised"], superseded_at__isnull=True
                ),
                name="attempt_one_live_per_session",
            ),
        ]
        indexes = [
            models.Index(
                fields=["poll_at"], name="attempt_to_poll", condition=Q(poll_at__isnull=False)
            ),
            models.Index(
                fields=["client_digest", "created_at"],
                name="attempt_client",
                condition=~Q(client_digest=""),
            ),
            models.Index(fields=["created_at"], name="attempt_begun"),
            of_a_call("attempt"),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def is_live(self) -> bool:
        return self.status in self.LIVE and self.superseded_at is None

    @property
    def capturable(self) -> int:
        return max(0, self.authorised - self.captured - self.cancelled)


class Capture(BaseModel):
    """Money taken by an attempt. Refunds and disputes point here. Amounts are minor units.

    `amount` is what was asked or heard first; `captured` is what counts as money now.
    """

    class Status(models.TextChoices):
        UNKNOWN = "unknown", _("no answer yet")
        PENDING = "pending", _("under way")
        NOT_EXECUTED = "not_executed", _("not carried out")
        SUCCEEDED = "succeeded", _("taken")
        FAILED = "failed", _("failed")

    public_id = PublicIdField(_("public id"), prefix="cap")
    attempt = models.ForeignKey(
        PaymentAttempt,
        verbose_name=_("payment attempt"),
        on_delete=models.PROTECT,
        related_name="captures",
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, default=Origin.OURS)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.PENDING)
    captured = models.BigIntegerField(_("taken"), default=0, editable=False)
    refunded = models.BigIntegerField(_("refunded"), default=0, editable=False)
    disputed = models.BigIntegerField(_("disputed"), default=0, editable=False)
    allocated = models.BigIntegerField(_("allocated"), default=0, editable=False)

    class Meta:
        verbose_name = _("capture")
        verbose_name_plural = _("captures")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="capture_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(captured__gte=0)
                & Q(refunded__gte=0)
                & Q(disputed__gte=0)
                & Q(allocated__gte=0),
                name="capture_joined_amounts_not_negative",
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.captured, self.currency)


class Cancellation(BaseModel):
    """Authorised money that is let go. Amounts are minor units."""

    class Status(models.TextChoices):
        UNKNOWN = "unknown", _("no answer yet")
        PENDING = "pending", _("under way")
        NOT_EXECUTED = "not_executed", _("not carried out")
        FAILED = "failed", _("failed")
        SUCCEEDED = "succeeded", _("let go")

    public_id = PublicIdField(_("public id"), prefix="can")
    attempt = models.ForeignKey(
        PaymentAttempt,
        verbose_name=_("payment attempt"),
        on_delete=models.PROTECT,
        related_name="cancellations",
    )
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, default=Origin.OURS)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.PENDING)

    class Meta:
        verbose_name = _("cancellation")
        verbose_name_plural = _("cancellations")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0), name="cancellation_amount_not_negative"
            ),
        ]


class ProviderReference(models.Model):
    """One of the provider's names for one of our subjects. A subject may have several."""

    account = models.ForeignKey(
        ProviderAccount, verbose_name=_("provider account"), on_delete=models.PROTECT
    )
    kind = models.CharField(_("kind"), max_length=40)
    reference = models.CharField(_("reference of the provider"), max_length=255)
    intent = models.ForeignKey(
        PaymentIntent,
        verbose_name=_("payment intent"),
        on_delete=models.PROTECT,
        related_name="references",
    )
    attempt = models.ForeignKey(
        PaymentAttempt,
        verbose_name=_("payment attempt"),
        on_delete=models.PROTECT,
        related_name="references",
    )
    subject_kind = models.CharField(_("kind of what it is about"), max_length=16)
    subject_id = models.CharField(
        _("id of what it is about"), max_length=40, help_text=_("Public id of our row.")
    )

    class Meta:
        verbose_name = _("reference of the provider")
        verbose_name_plural = _("references of providers")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "reference"], name="reference_names_one_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"
