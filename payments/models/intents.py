"""What is to be paid."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _

from core import rows
from core.fields import FreeCharField, PublicIdField, StructuredCharField
from core.models.base import BaseModel
from core.money import Money
from crm.models.during_calls import made_during, of_a_call

LIVE_VERSION = """
    SELECT coalesce(sum(version) + count(*), 0)::bigint
      FROM payments_paymentintent WHERE customer_id = %s
"""


class PaymentIntentQuerySet(models.QuerySet["PaymentIntent"]):
    def of_customers(self, customer_ids: list[int]) -> PaymentIntentQuerySet:
        """Intents of the customers, the newest first."""
        return self.filter(customer_id__in=customer_ids).order_by("-created_at", "-pk")

    def unsettled(self) -> PaymentIntentQuerySet:
        """Intents that still wait for the customer, a provider or a person."""
        return self.filter(status__in=PaymentIntent.WAITING)

    def live_version(self) -> models.QuerySet[PaymentIntent, int]:
        """Select, of one customer's intents, a number that grows with each and its every change.

        For other statements to ask beside what they ask; `live_version_of` reads it alone.
        """
        of_customer = self.order_by().values("customer")
        sums = of_customer.annotate(live_version=Sum("version") + Count("pk"))
        return sums.values_list("live_version", flat=True)


def live_version_of(customer_id: int) -> int:
    """Read a customer's `live_version`; 0 while there is no payment."""
    ((version,),) = rows.select(LIVE_VERSION, [customer_id])
    return int(version)


class PaymentIntent(BaseModel):
    """What is to be paid, by whom, for what, in which channel and by which agent.

    Status and amounts are the join of its facts and are never written by hand;
    `verify_money` derives them again and compares. Amounts are minor units.
    """

    class Status(models.TextChoices):
        REQUIRES_PAYMENT_METHOD = "requires_payment_method", _("not paid yet")
        REQUIRES_ACTION = "requires_action", _("the customer is paying")
        PROCESSING = "processing", _("being confirmed")
        REQUIRES_CAPTURE = "requires_capture", _("reserved, not taken yet")
        PARTIALLY_PAID = "partially_paid", _("partly paid")
        SUCCEEDED = "succeeded", _("paid")
        CANCELED = "canceled", _("cancelled")

    class Channel(models.TextChoices):
        PHONE = "phone", _("phone")
        WEB = "web", _("web")
        API = "api", _("API")

    IN_MOTION = (Status.REQUIRES_ACTION, Status.PROCESSING, Status.REQUIRES_CAPTURE)
    WAITING = (
        Status.REQUIRES_PAYMENT_METHOD,
        Status.REQUIRES_ACTION,
        Status.PROCESSING,
        Status.REQUIRES_CAPTURE,
        Status.PARTIALLY_PAID,
    )

    public_id = PublicIdField(_("public id"), prefix="pi")
    customer = models.ForeignKey(
        "crm.Customer",
        verbose_name=_("customer"),
        on_delete=models.PROTECT,
        related_name="payment_intents",
    )
    order = models.ForeignKey(
        "orders.Order",
        verbose_name=_("order"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payment_intents",
    )
    amount = models.BigIntegerField(_("amount"), help_text=_("Minor units."))
    currency = models.CharField(_("currency"), max_length=3)
    allows_surplus = models.BooleanField(_("more than owed is allowed"), default=False)
    is_manual_capture = models.BooleanField(_("only reserved"), default=False)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel, default=Channel.PHONE)
    call_reference = StructuredCharField(
        _("reference of the call"), max_length=80, blank=True, default=""
    )
    call = made_during("payment_intents")
    description = FreeCharField(_("description"), max_length=200, blank=True, default="")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("agent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payment_intents",
    )

    status = models.CharField(
        _("status"),
        max_length=32,
        choices=Status,
        default=Status.REQUIRES_PAYMENT_METHOD,
        editable=False,
    )
    version = models.BigIntegerField(_("version"), default=0, editable=False)
    authorised = models.BigIntegerField(_("authorised"), default=0, editable=False)
    captured = models.BigIntegerField(_("taken"), default=0, editable=False)
    capturable = models.BigIntegerField(_("can be taken"), default=0, editable=False)
    cancelled = models.BigIntegerField(_("let go"), default=0, editable=False)
    refunded = models.BigIntegerField(_("refunded"), default=0, editable=False)
    disputed = models.BigIntegerField(_("disputed"), default=0, editable=False)
    surplus = models.BigIntegerField(_("surplus"), default=0, editable=False)
    needs_review = models.BooleanField(_("needs a look"), default=False, editable=False)
    review_reasons = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("why a look is needed"),
        default=list,
        editable=False,
    )
    blocked_by_unknown = models.BooleanField(
        _("waits for an unknown outcome"), default=False, editable=False
    )

    objects = PaymentIntentQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment intent")
        verbose_name_plural = _("payment intents")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="intent_amount_positive"),
            models.CheckConstraint(
                condition=Q(authorised__gte=0)
                & Q(captured__gte=0)
                & Q(capturable__gte=0)
                & Q(cancelled__gte=0)
                & Q(refunded__gte=0)
                & Q(disputed__gte=0)
                & Q(surplus__gte=0),
                name="intent_joined_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(needs_review=False, review_reasons=[])
                | (Q(needs_review=True) & ~Q(review_reasons=[])),
                name="intent_review_has_reasons",
            ),
        ]
        indexes = [
            of_a_call("intent"),
            BrinIndex(fields=["created_at"], name="intent_day", autosummarize=True),
            models.Index(F("customer"), F("created_at").desc(), name="intent_customer_newest"),
            models.Index(
                F("created_at").desc(), name="intent_review", condition=Q(needs_review=True)
            ),
            models.Index(
                fields=["status", "created_at"],
                name="intent_waiting",
                condition=Q(
                    status__in=["requires_action", "processing", "requires_capture"],
                ),
            ),
        ]

    @property
    def money(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def captured_money(self) -> Money:
        return Money(self.captured, self.currency)

    @property
    def capturable_money(self) -> Money:
        return Money(self.capturable, self.currency)

    @property
    def refunded_money(self) -> Money:
        return Money(self.refunded, self.currency)

    @property
    def disputed_money(self) -> Money:
        return Money(self.disputed, self.currency)

    @property
    def surplus_money(self) -> Money:
        return Money(self.surplus, self.currency)

    @property
    def left_to_pay(self) -> Money:
        """What is neither captured nor held for capture."""
        return Money(max(0, self.amount - self.captured - self.capturable), self.currency)


class IntentItem(models.Model):
    """One invoice that an intent is meant to pay, and how much of it (minor units)."""

    intent = models.ForeignKey(
        PaymentIntent,
        verbose_name=_("payment intent"),
        on_delete=models.CASCADE,
        related_name="items",
    )
    invoice = models.ForeignKey(
        "orders.Invoice",
        verbose_name=_("invoice"),
        on_delete=models.PROTECT,
        related_name="intent_items",
    )
    amount = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("invoice of a payment")
        verbose_name_plural = _("invoices of payments")
        constraints = [
            models.UniqueConstraint(fields=["intent", "invoice"], name="intent_item_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="intent_item_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.intent_id}/{self.invoice_id}"
