"""The error map: what a provider's code means, and the words for agent and customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import AuditedAdmin
from payments.models import ErrorMapping, UnifiedError

if TYPE_CHECKING:
    from django.http import HttpRequest


@admin.register(UnifiedError)
class UnifiedErrorAdmin(AuditedAdmin):
    """Words can be changed, meanings added; none goes away, because payments point to its code."""

    list_display = ["code", "may_repeat", "offers_other_method", "agent_en"]
    search_fields = ["code", "agent_en", "agent_fi", "agent_sv"]
    ordering = ["code"]
    fieldsets = (
        (None, {"fields": ["code", "may_repeat", "offers_other_method"]}),
        (_("For the agent"), {"fields": ["agent_en", "agent_fi", "agent_sv"]}),
        (_("For the customer"), {"fields": ["customer_en", "customer_fi", "customer_sv"]}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: UnifiedError | None = None) -> Any:
        del request
        return ["code"] if obj else []


@admin.register(ErrorMapping)
class ErrorMappingAdmin(AuditedAdmin):
    """One line of the map. An empty operation or code matches any; a wrong line is corrected."""

    list_display = ["provider", "operation", "provider_code", "meaning"]
    list_filter = ["provider"]
    list_select_related = ["meaning"]
    search_fields = ["provider_code", "meaning__code"]
    ordering = ["provider", "operation", "provider_code"]
    autocomplete_fields = ["meaning"]
