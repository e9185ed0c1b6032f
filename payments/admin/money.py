"""Intents and what hangs on them, to be looked at. Services write them, nobody here."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import FoundById, ReadOnlyRows
from payments.admin.columns import money_column
from payments.masking import masked
from payments.models import (
    Cancellation,
    Capture,
    CheckoutSession,
    Dispute,
    IntentItem,
    OutcomeDecision,
    PaymentAttempt,
    PaymentEvent,
    PaymentIntent,
    PaymentMethod,
    ProviderOperation,
    ProviderReference,
    Refund,
    RefundLine,
    SurplusMove,
)

WHEN = ("created_at", admin.DateFieldListFilter)

amount = money_column("amount", _("amount"))
authorised = money_column("authorised", _("authorised"))
captured = money_column("captured", _("taken"))
capturable = money_column("capturable", _("can be taken"))
cancelled = money_column("cancelled", _("let go"))
refunded = money_column("refunded", _("refunded"))
disputed = money_column("disputed", _("disputed"))
surplus = money_column("surplus", _("surplus"))
allocated = money_column("allocated", _("allocated"))


class Items(ReadOnlyRows):
    model = IntentItem
    shown = ["invoice", "amount"]


class Attempts(ReadOnlyRows):
    model = PaymentAttempt
    shown = ["public_id", "method", amount, "status", authorised, captured, cancelled]
    show_change_link = True


@admin.register(PaymentIntent)
class PaymentIntentAdmin(FoundById):
    columns_of_ids = {"pi": "public_id", "cus": "customer__public_id"}
    list_display = ["public_id", "customer", amount, "status", captured, refunded, "created_at"]
    list_filter = ["status", "needs_review", "blocked_by_unknown", WHEN]
    list_select_related = ["customer", "order", "agent"]
    inlines = [Items, Attempts]
    shown = [
        *("public_id", "customer", "order", "description", "channel", "call_reference", "agent"),
        *("created_at", amount, "status", authorised, captured, capturable, cancelled, refunded),
        *(disputed, surplus, "allows_surplus", "is_manual_capture", "needs_review"),
        *("review_reasons", "blocked_by_unknown", "version"),
    ]


@admin.register(CheckoutSession)
class CheckoutSessionAdmin(FoundById):
    columns_of_ids = {"cs": "public_id", "pi": "intent__public_id"}
    list_display = ["public_id", "intent", "status", "channel", "sent_to", "created_at"]
    list_filter = ["status", WHEN]
    list_select_related = ["intent"]
    shown = [
        *("public_id", "intent", "status", "turn", "language", "channel", "sent_to"),
        *("created_at", "expires_at", "opened_at", "ended_at"),
    ]

    @admin.display(description=_("sent to"))
    def sent_to(self, session: CheckoutSession) -> str:
        return masked(session.channel, session.destination)


@admin.register(PaymentAttempt)
class PaymentAttemptAdmin(FoundById):
    columns_of_ids = {"pa": "public_id", "pi": "intent__public_id"}
    list_display = ["public_id", "intent", "account", "method", amount, "status", "created_at"]
    list_filter = ["status", "account", WHEN]
    list_select_related = ["intent", "account", "session", "saved_method"]
    shown = [
        *("public_id", "intent", "session", "account", "method", "saved_method", "created_at"),
        *(amount, "status", authorised, captured, cancelled, "error_code", "method_brand"),
        *("method_last4", "superseded_at", "poll_at", "polls", "lease_until"),
    ]


@admin.register(Capture)
class CaptureAdmin(FoundById):
    columns_of_ids = {"cap": "public_id", "pa": "attempt__public_id"}
    list_display = ["public_id", "attempt", "origin", "status", captured, refunded, "created_at"]
    list_filter = ["status", "origin"]
    list_select_related = ["attempt"]
    shown = [
        *("public_id", "attempt", "origin", "created_at", amount, "status", captured, refunded),
        *(disputed, allocated),
    ]


@admin.register(Cancellation)
class CancellationAdmin(FoundById):
    columns_of_ids = {"can": "public_id", "pa": "attempt__public_id"}
    list_display = ["public_id", "attempt", "origin", amount, "status", "created_at"]
    list_filter = ["status", "origin"]
    list_select_related = ["attempt"]
    shown = ["public_id", "attempt", "origin", "created_at", amount, "status"]


class RefundLines(ReadOnlyRows):
    model = RefundLine
    shown = ["line", "quantity", "credit_note"]


@admin.register(Refund)
class RefundAdmin(FoundById):
    columns_of_ids = {"re": "public_id", "cap": "capture__public_id"}
    list_display = ["public_id", "capture", amount, "status", "requested_by", "created_at"]
    list_filter = ["status", "origin", WHEN]
    list_select_related = ["capture", "requested_by", "decided_by"]
    inlines = [RefundLines]
    shown = [
        *("public_id", "capture", "origin", "created_at", amount, "status", "reason", "invoice"),
        *(
            "requested_by",
            "wants_credit_note",
            "above_limit",
            "decided_by",
            "decided_at",
            "refusal",
        ),
    ]


@admin.register(SurplusMove)
class SurplusMoveAdmin(FoundById):
    columns_of_ids = {"mov": "public_id", "pi": "intent__public_id"}
    list_display = ["public_id", "intent", "invoice", amount, "status", "created_at"]
    list_filter = ["status", WHEN]
    list_select_related = ["intent", "invoice", "requested_by", "decided_by"]
    shown = [
        *("public_id", "intent", "invoice", amount, "status", "created_at"),
        *("requested_by", "above_limit", "decided_by", "decided_at", "refusal"),
    ]


@admin.register(OutcomeDecision)
class OutcomeDecisionAdmin(FoundById):
    columns_of_ids = {"dec": "public_id", "op": "operation__public_id"}
    list_display = ["public_id", "operation", "outcome", "status", "requested_by", "created_at"]
    list_filter = ["status", "outcome", WHEN]
    list_select_related = ["operation", "requested_by", "decided_by"]
    shown = [
        *("public_id", "operation", "outcome", "reason", "seen", "status", "created_at"),
        *("requested_by", "decided_by", "decided_at", "refusal"),
    ]


@admin.register(Dispute)
class DisputeAdmin(FoundById):
    columns_of_ids = {"dp": "public_id", "cap": "capture__public_id"}
    list_display = ["public_id", "capture", amount, "status", "created_at"]
    list_filter = ["status"]
    list_select_related = ["capture"]
    shown = ["public_id", "capture", "created_at", amount, "status", "reason"]


@admin.register(ProviderOperation)
class ProviderOperationAdmin(FoundById):
    columns_of_ids = {"op": "public_id", "pi": "intent__public_id", "pa": "attempt__public_id"}
    list_display = ["public_id", "kind", "account", amount, "status", "sends", "created_at"]
    list_filter = ["status", "kind", "account"]
    list_select_related = [
        *("account", "intent", "attempt", "capture", "cancellation", "refund"),
    ]
    shown = [
        *("public_id", "account", "kind", "intent", "attempt", "capture", "cancellation"),
        *("refund", amount, "status", "error_code", "created_at", "send_at", "send_until"),
        *("first_sent_at", "last_sent_at", "sends", "has_lost_answer", "resolve_at", "resolves"),
        *("lease_until", "key", "request_hash"),
    ]


@admin.register(PaymentEvent)
class PaymentEventAdmin(FoundById):
    """Facts and steps, append-only. Found by the intent."""

    columns_of_ids = {"pi": "intent__public_id"}
    list_display = ["created_at", "intent", "subject_kind", "subject_id", "status", "source"]
    list_filter = [WHEN]
    list_select_related = ["intent", "account", "actor"]
    shown = [
        *("created_at", "intent", "account", "subject_kind", "subject_id", "status", "amount"),
        *("currency", "version", "source", "code", "detail", "actor", "occurred_at"),
        *("dedupe_key", "xid"),
    ]


@admin.register(ProviderReference)
class ProviderReferenceAdmin(FoundById):
    """The providers' names for our rows. Found by our id of the intent or the attempt."""

    columns_of_ids = {"pi": "intent__public_id", "pa": "attempt__public_id"}
    list_display = ["account", "kind", "reference", "subject_kind", "subject_id", "intent"]
    list_select_related = ["account", "intent", "attempt"]
    shown = [
        *("account", "kind", "reference", "subject_kind", "subject_id", "intent", "attempt"),
    ]


@admin.register(PaymentMethod)
class PaymentMethodAdmin(FoundById):
    """Saved ways to pay. The token is shown nowhere."""

    columns_of_ids = {"pm": "public_id", "cus": "customer__public_id"}
    list_display = ["public_id", "customer", "account", "method", "brand", "last4", "removed_at"]
    list_filter = ["account"]
    list_select_related = ["customer", "account"]
    shown = [
        *("public_id", "customer", "account", "method", "brand", "last4", "expires"),
        *("created_at", "removed_at"),
    ]
