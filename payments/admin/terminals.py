"""Card terminals of our accounts."""

from __future__ import annotations

from django.contrib import admin

from core.admin import AuditedAdmin, GuardedForm
from payments.models import Terminal


class TerminalForm(GuardedForm):
    class Meta:
        model = Terminal
        fields = ("label", "location", "account", "reference", "is_active")


@admin.register(Terminal)
class TerminalAdmin(AuditedAdmin):
    """Terminals are added, changed and switched off, never deleted: sessions point to them."""

    form = TerminalForm
    list_display = ["label", "location", "account", "reference", "is_active"]
    list_select_related = ["account"]
    search_fields = ["label", "reference__exact"]
    ordering = ["label"]
