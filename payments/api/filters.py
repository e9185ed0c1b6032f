"""What lists of payments can be narrowed by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django_filters
from django.db.models.functions import Coalesce

from crm.models import Customer
from payments.models import (
    CheckoutSession,
    OutcomeDecision,
    PaymentEvent,
    PaymentIntent,
    ProviderOperation,
    Refund,
    SurplusMove,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Dated(django_filters.FilterSet):  # type: ignore[misc] # it has no types
    created_at__gte = django_filters.IsoDateTimeFilter(
        "created_at", "gte", help_text="Made at this instant or later."
    )
    created_at__lt = django_filters.IsoDateTimeFilter(
        "created_at", "lt", help_text="Made before this instant."
    )


class PaymentIntentFilter(Dated):
    """By customer too. An id that was merged away stands for the customer it became."""

    customer = django_filters.CharFilter(
        method="of_customer", help_text="A customer’s id, one that was merged away, too."
    )
    status = django_filters.MultipleChoiceFilter(choices=PaymentIntent.Status.choices)

    class Meta:
        model = PaymentIntent
        fields = ["customer", "status", "needs_review", "created_at__gte", "created_at__lt"]

    def of_customer(
        self, rows: QuerySet[PaymentIntent], name: str, public_id: str
    ) -> QuerySet[PaymentIntent]:
        del name
        meant = Customer.objects.filter(public_id=public_id)
        return rows.filter(customer__in=meant.values(meant_id=Coalesce("merged_into", "pk")))


class CheckoutSessionFilter(Dated):
    payment_intent = django_filters.CharFilter(
        "intent__public_id", help_text="A payment intent’s id."
    )
    status = django_filters.MultipleChoiceFilter(choices=CheckoutSession.Status.choices)

    class Meta:
        model = CheckoutSession
        fields = ["payment_intent", "status", "created_at__gte", "created_at__lt"]


class RefundFilter(Dated):
    payment_intent = django_filters.CharFilter(
        "capture__attempt__intent__public_id", help_text="A payment intent’s id."
    )
    status = django_filters.MultipleChoiceFilter(choices=Refund.Status.choices)

    class Meta:
        model = Refund
        fields = ["payment_intent", "status", "origin", "created_at__gte", "created_at__lt"]


class EventFilter(Dated):
    payment_intent = django_filters.CharFilter(
        "intent__public_id", help_text="A payment intent’s id."
    )

    class Meta:
        model = PaymentEvent
        fields = [
            *("payment_intent", "subject_kind", "status", "source"),
            *("created_at__gte", "created_at__lt"),
        ]


class OperationFilter(Dated):
    payment_intent = django_filters.CharFilter(
        "intent__public_id", help_text="A payment intent’s id."
    )
    status = django_filters.MultipleChoiceFilter(choices=ProviderOperation.Status.choices)

    class Meta:
        model = ProviderOperation
        fields = ["payment_intent", "status", "kind", "created_at__gte", "created_at__lt"]


class DecisionFilter(Dated):
    operation = django_filters.CharFilter("operation__public_id", help_text="An operation’s id.")
    status = django_filters.MultipleChoiceFilter(choices=OutcomeDecision.Status.choices)

    class Meta:
        model = OutcomeDecision
        fields = ["operation", "status", "created_at__gte", "created_at__lt"]


class MoveFilter(Dated):
    payment_intent = django_filters.CharFilter(
        "intent__public_id", help_text="A payment intent’s id."
    )
    status = django_filters.MultipleChoiceFilter(choices=SurplusMove.Status.choices)

    class Meta:
        model = SurplusMove
        fields = ["payment_intent", "status", "created_at__gte", "created_at__lt"]
