"""What the serializers of every app are made of."""

from __future__ import annotations

from rest_framework import serializers

from core.money import Money


class MoneyOutput(serializers.Serializer[Money]):
    """An amount as the API writes it: minor units and a currency of ISO 4217."""

    amount = serializers.IntegerField(source="minor", help_text="Minor units.")
    currency = serializers.CharField(help_text="ISO 4217.")
