"""What was agreed about charging instalments, and how each was asked for: to be looked at."""

from __future__ import annotations

from django.contrib import admin

from core.admin import FoundById
from payments.models import InstalmentMandate, InstalmentRequest


@admin.register(InstalmentMandate)
class InstalmentMandateAdmin(FoundById):
    """Found by the plan, the method or the customer."""

    columns_of_ids = {
        "plan": "plan__public_id",
        "pm": "method__public_id",
        "cus": "plan__customer__public_id",
    }
    list_display = ["created_at", "plan", "method"]
    list_select_related = ["plan", "method"]
    shown = ["created_at", "plan", "method", "sentence"]


@admin.register(InstalmentRequest)
class InstalmentRequestAdmin(FoundById):
    """Found by the plan, the instalment or the payment."""

    columns_of_ids = {
        "plan": "instalment__plan__public_id",
        "inst": "instalment__public_id",
        "pi": "intent__public_id",
    }
    list_display = ["created_at", "instalment", "intent", "kind", "followed_at"]
    list_filter = ["kind"]
    list_select_related = ["instalment", "intent"]
    shown = ["created_at", "instalment", "intent", "kind", "followed_at"]
