"""Telephone systems and whose telephone is whose. Secrets go in and never come out again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin import AuditedAdmin, GuardedForm, ReadOnlyAdmin, ReadOnlyRows
from crm.models import Call, CallEvent, Extension, PhoneSystem

SHORTEST_SECRET = 16


class PhoneSystemForm(GuardedForm):
    """A telephone system. An empty secret keeps the stored one."""

    secret_fields = frozenset({"secret"})
    secret = forms.CharField(
        label=_("secret"),
        required=False,
        min_length=SHORTEST_SECRET,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"}),
    )
    control_url = forms.URLField(
        label=_("address that takes commands"), required=False, assume_scheme="https"
    )

    class Meta:
        model = PhoneSystem
        fields = ("name", "kind", "is_enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "control_url" in self.fields:
            self.initial["control_url"] = self.instance.credentials.get("control_url", "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        secret = cleaned.get("secret") or self.instance.credentials.get("secret", "")
        if not secret and "secret" not in self.errors:
            self.add_error("secret", _("Without a secret nobody is let in."))
        known = {"secret": secret, "control_url": cleaned.get("control_url") or ""}
        self.instance.credentials = {name: value for name, value in known.items() if value}
        return cleaned


@admin.register(PhoneSystem)
class PhoneSystemAdmin(AuditedAdmin):
    """Systems are added, changed and switched off, never deleted: calls point to them."""

    form = PhoneSystemForm
    list_display = ["name", "kind", "is_enabled"]
    search_fields = ["name", "public_id"]
    ordering = ["pk"]
    unaudited = frozenset({"credentials"})
    fields = ("name", "kind", "is_enabled", "secret", "control_url", "address_for_news")
    readonly_fields = ("address_for_news",)

    @admin.display(description=_("address for its news"))
    def address_for_news(self, system: PhoneSystem) -> str:
        return f"{settings.PUBLIC_URL}{reverse('crm:call-door', args=[system.public_id])}"


class ExtensionForm(GuardedForm):
    class Meta:
        model = Extension
        fields = ("phone_system", "number", "user")


@admin.register(Extension)
class ExtensionAdmin(AuditedAdmin):
    """An extension passes to another person; old calls keep the agents they had."""

    form = ExtensionForm
    list_display = ["number", "user", "phone_system"]
    list_select_related = ["user", "phone_system"]
    search_fields = ["number__exact", "user__username__exact"]
    ordering = ["phone_system", "number"]


class CallEvents(ReadOnlyRows):
    model = CallEvent
    shown = ["kind", "at", "received_at", "extension", "agent"]


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    list_display = ["public_id", "direction", "status", "customer", "agent", "created_at"]
    list_filter = ["status", "direction"]
    list_select_related = ["customer", "agent"]
    search_fields = ["public_id__exact", "their_number__exact", "external_id__exact"]
    inlines = [CallEvents]
