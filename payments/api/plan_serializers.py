"""How instalment plans look to a machine. No logic lives here; amounts are minor units."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.serializers import (
    Choice,
    CurrencyCode,
    Flag,
    Input,
    Instant,
    MoneyOutput,
    Output,
    PublicId,
    Whole,
)
from orders.models import Instalment, InstalmentPlan
from payments.api.serializers import LARGEST_AMOUNT, MOST_ITEMS

HIGHEST_COUNT = 99


class InstalmentOutput(Output[Instalment]):
    """One part: how much, on which day, and what became of it."""

    id = serializers.CharField(source="public_id")
    status = serializers.ChoiceField(choices=Instalment.Status.choices)
    amount = MoneyOutput(source="money")
    payment_intent = serializers.CharField(
        source="request.intent.public_id",
        default=None,
        allow_null=True,
        help_text="The payment by which it was asked for.",
    )

    class Meta:
        model = Instalment
        fields = ["id", "position", "status", "amount", "due_on", "payment_intent"]


class PlanOutput(Output[InstalmentPlan]):
    """An amount that is paid in parts, and how far that is."""

    id = serializers.CharField(source="public_id")
    customer = serializers.CharField(source="customer.public_id")
    status = serializers.ChoiceField(choices=InstalmentPlan.Status.choices)
    amount = MoneyOutput(source="money")
    invoices = serializers.SerializerMethodField(help_text="The invoices that wait for it.")
    instalments = InstalmentOutput(many=True)
    ended_at = Instant(allow_null=True, help_text="When it was completed, broken or withdrawn.")

    class Meta:
        model = InstalmentPlan
        fields = [
            *("id", "customer", "status", "amount", "rhythm", "way", "invoices"),
            *("instalments", "ended_at", "created_at"),
        ]

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_invoices(self, plan: InstalmentPlan) -> list[str]:
        return sorted(hold.invoice.public_id for hold in plan.holds.all())


class PlanInput(Input):
    customer = PublicId()
    invoices = serializers.ListField(child=PublicId(), min_length=1, max_length=MOST_ITEMS)
    amount = Whole(
        min_value=1,
        max_value=LARGEST_AMOUNT,
        help_text="Minor units, at most what is open on the invoices.",
    )
    currency = CurrencyCode()
    parts = Whole(max_value=HIGHEST_COUNT, help_text="From 2 up to what the house allows.")
    first_on = serializers.DateField(help_text="The day of the first part, today at the earliest.")
    rhythm = Choice(
        choices=InstalmentPlan.Rhythm.choices, default=InstalmentPlan.Rhythm.MONTHLY.value
    )
    replace_open_page = Flag(
        default=False, help_text="Agree on it although an old page can still be paid."
    )
