"""How payments look to a machine. No logic lives here; amounts are minor units."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.serializers import (
    Choice,
    CurrencyCode,
    Flag,
    FreeText,
    Input,
    MoneyOutput,
    Output,
    PublicId,
    Text,
    Whole,
)
from crm.models import Customer
from crm.models.customers import Channel
from payments.models import CheckoutSession, PaymentEvent, PaymentIntent, Refund

TEXT_LENGTH = 200
MOST_ITEMS = 100
MOST_PIECES = 1_000_000
LARGEST_AMOUNT = 10**12  # Below every card number: an amount is stored and told as it came.
CAPTURE_METHODS = [("automatic", _("taken at once")), ("manual", _("only reserved"))]


class PaymentIntentInput(Input):
    """What is to be paid. Without invoices the money pays the order, or is prepaid."""

    customer = PublicId()
    amount = Whole(min_value=1, max_value=LARGEST_AMOUNT, help_text="Minor units.")
    currency = CurrencyCode()
    invoices = serializers.ListField(
        child=PublicId(),
        max_length=MOST_ITEMS,
        default=list,
    )
    order = PublicId(required=False)
    call = PublicId(required=False, help_text="The telephone call during which it is asked for.")
    description = FreeText(max_length=TEXT_LENGTH, allow_blank=True, default="")
    allow_surplus = Flag(
        default=False, help_text="Accept more than is owed; the rest stays the customer's."
    )
    capture_method = Choice(
        choices=CAPTURE_METHODS,
        default="automatic",
        help_text="Take the money at once, or only reserve it.",
    )


class CaptureMethod(serializers.ChoiceField):
    """Whether the money is taken at once, as a word."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=CAPTURE_METHODS, **kwargs)

    def to_representation(self, value: Any) -> str:
        return "manual" if value else "automatic"


class PaymentIntentOutput(Output[PaymentIntent]):
    """What is to be paid, and how far that is. `version` grows with every fact."""

    id = serializers.CharField(source="public_id")
    customer = serializers.CharField(source="customer.public_id")
    order = serializers.CharField(source="order.public_id", default=None, allow_null=True)
    call = serializers.CharField(source="call.public_id", default=None, allow_null=True)
    captured = MoneyOutput(source="captured_money")
    capturable = MoneyOutput(source="capturable_money")
    refunded = MoneyOutput(source="refunded_money")
    disputed = MoneyOutput(source="disputed_money")
    surplus = MoneyOutput(source="surplus_money")
    allow_surplus = serializers.BooleanField(source="allows_surplus")
    capture_method = CaptureMethod(source="is_manual_capture")

    class Meta:
        model = PaymentIntent
        fields = [
            *("id", "customer", "order", "call", "amount", "currency", "status", "description"),
            *("capture_method", "allow_surplus"),
            *("captured", "capturable", "refunded", "disputed", "surplus"),
            *("needs_review", "review_reasons", "blocked_by_unknown", "version", "created_at"),
        ]


class CaptureInput(Input):
    """How much of the reserved money is taken. Without an amount: all of it."""

    amount = Whole(min_value=1, max_value=LARGEST_AMOUNT, required=False, help_text="Minor units.")


class CheckoutSessionInput(Input):
    """A pay link. With a channel and a destination it is sent; else its address is only told."""

    payment_intent = PublicId()
    channel = Choice(choices=Channel.choices, required=False)
    destination = Text(max_length=254, required=False)
    language = Choice(choices=Customer.Language.choices, default="fi")
    expires_in = Whole(default=86_400, min_value=300, max_value=2_592_000, help_text="Seconds.")
    replace_open_page = Flag(
        default=False, help_text="Open a new link although the old page can still be paid."
    )


class CheckoutSessionOutput(Output[CheckoutSession]):
    """A pay link: open, closing (money may still come), closed, paid or expired."""

    id = serializers.CharField(source="public_id")
    payment_intent = serializers.CharField(source="intent.public_id")

    class Meta:
        model = CheckoutSession
        fields = [
            *("id", "payment_intent", "status", "language", "channel", "destination"),
            *("expires_at", "opened_at", "ended_at", "created_at"),
        ]


class NewCheckoutSessionOutput(CheckoutSessionOutput):
    """The session with its address, which is told to its maker and stored nowhere."""

    url = serializers.URLField()

    class Meta(CheckoutSessionOutput.Meta):
        fields = [*CheckoutSessionOutput.Meta.fields, "url"]


class RefundedLineInput(Input):
    """Pieces of one line, which is named by its place on the invoice."""

    position = Whole(min_value=1, max_value=MOST_PIECES)
    quantity = Whole(min_value=1, max_value=MOST_PIECES)


class RefundInput(Input):
    """Money to give back. Name the payment intent, or one capture of it.

    Either an amount, or an invoice with lines: these make the amount, and the credit note.
    """

    payment_intent = PublicId()
    capture = PublicId(required=False)
    amount = Whole(
        min_value=1,
        max_value=LARGEST_AMOUNT,
        required=False,
        help_text="Minor units of the capture.",
    )
    invoice = PublicId(required=False)
    lines = RefundedLineInput(many=True, required=False)
    reason = FreeText(max_length=TEXT_LENGTH)
    credit_note = Flag(default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_by_line = "lines" in attrs and "invoice" in attrs
        is_half = ("lines" in attrs) != ("invoice" in attrs)
        if is_half or is_by_line == ("amount" in attrs):
            raise serializers.ValidationError(
                _("Give an amount, or an invoice with lines."), code="amount_or_lines"
            )
        return attrs


class RefusalInput(Input):
    """Why somebody's request is refused."""

    reason = FreeText(max_length=TEXT_LENGTH)


class RefundOutput(Output[Refund]):
    """Money on its way back. `origin` says whether it was asked for here or at the provider.

    `above_limit` says why a second person decides, if one does, and `decided_by` who did.
    """

    id = serializers.CharField(source="public_id")
    capture = serializers.CharField(source="capture.public_id")
    payment_intent = serializers.CharField(source="capture.attempt.intent.public_id")
    decided_by = serializers.CharField(source="decided_by.public_id", default=None, allow_null=True)

    class Meta:
        model = Refund
        fields = [
            *("id", "payment_intent", "capture", "amount", "currency", "status"),
            *("origin", "reason", "above_limit", "decided_by", "decided_at", "refusal"),
            "created_at",
        ]


class EventOutput(Output[PaymentEvent]):
    """One fact or step. `subject` names the attempt, capture, refund, dispute or session."""

    payment_intent = serializers.CharField(source="intent.public_id")
    subject = serializers.CharField(source="subject_id")

    class Meta:
        model = PaymentEvent
        fields = [
            *("id", "payment_intent", "subject_kind", "subject", "status", "amount"),
            *("currency", "source", "code", "occurred_at", "created_at"),
        ]
