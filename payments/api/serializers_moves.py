"""How moves of surplus look to a machine. Amounts are minor units."""

from __future__ import annotations

from rest_framework import serializers

from core.serializers import Input, Output, PublicId, Whole
from payments.api.serializers import LARGEST_AMOUNT
from payments.models import SurplusMove


class MoveInput(Input):
    """Free money of a payment, and the invoice of the same customer that it shall pay."""

    payment_intent = PublicId()
    invoice = PublicId()
    amount = Whole(min_value=1, max_value=LARGEST_AMOUNT, help_text="Minor units.")


class MoveOutput(Output[SurplusMove]):
    """Surplus on an invoice, or on its way. `above_limit` says why a second person decides."""

    id = serializers.CharField(source="public_id")
    payment_intent = serializers.CharField(source="intent.public_id")
    invoice = serializers.CharField(source="invoice.public_id")
    decided_by = serializers.CharField(source="decided_by.public_id", default=None, allow_null=True)

    class Meta:
        model = SurplusMove
        fields = [
            *("id", "payment_intent", "invoice", "amount", "currency", "status", "above_limit"),
            *("decided_by", "decided_at", "refusal", "created_at"),
        ]
