"""How operations without an answer look to a machine, and what is decided about them."""

from __future__ import annotations

from rest_framework import serializers

from core.serializers import Choice, FreeText, Input, Output, PublicId
from payments.api.serializers import TEXT_LENGTH
from payments.models import OutcomeDecision, ProviderOperation


class OperationOutput(Output[ProviderOperation]):
    """One request to a provider. `subject` is our id of what it was to bring about."""

    id = serializers.CharField(source="public_id")
    payment_intent = serializers.CharField(source="intent.public_id")
    attempt = serializers.CharField(source="attempt.public_id")
    subject = serializers.CharField(source="subject.public_id")

    class Meta:
        model = ProviderOperation
        fields = [
            *("id", "payment_intent", "attempt", "subject", "kind", "status", "amount", "currency"),
            *("key", "sends", "first_sent_at", "last_sent_at", "resolves", "resolve_at"),
            *("error_code", "created_at"),
        ]


class DecisionInput(Input):
    """What became of an operation that is unknown. `seen` is what the dashboard showed."""

    operation = PublicId()
    outcome = Choice(choices=OutcomeDecision.Outcome.choices)
    reason = FreeText(max_length=TEXT_LENGTH)
    seen = FreeText(max_length=TEXT_LENGTH, allow_blank=True, default="")


class DecisionOutput(Output[OutcomeDecision]):
    """What somebody found, and who decided about it. It counts only once it is `approved`."""

    id = serializers.CharField(source="public_id")
    operation = serializers.CharField(source="operation.public_id")
    requested_by = serializers.CharField(source="requested_by.public_id")
    decided_by = serializers.CharField(source="decided_by.public_id", default=None, allow_null=True)

    class Meta:
        model = OutcomeDecision
        fields = [
            *("id", "operation", "outcome", "reason", "seen", "status", "requested_by"),
            *("decided_by", "decided_at", "refusal", "created_at"),
        ]
