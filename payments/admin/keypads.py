"""Our contracts with keypad gateways. Credentials go in and never come out again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import AuditedAdmin, GuardedForm
from payments.admin.accounts import hidden
from payments.errors import ProviderNotInstalled
from payments.models import Keypad
from payments.registry import is_usable_keypad, keypad_class, usable_keypads

SECRETS = ("auth_token", "api_key", "webhook_secret")
OTHERS = ("account_sid", "connector", "address")
ADDRESSES = {"sandbox": "base_url", "twilio": "api_base"}


def _kinds() -> list[tuple[str, str]]:
    return [(kind, keypad_class(kind).manifest.name) for kind in usable_keypads()]


class KeypadForm(GuardedForm):
    """A contract. An empty secret keeps the stored one; an address is only for test servers."""

    secret_fields = frozenset(SECRETS)
    kind = forms.ChoiceField(label=_("gateway"), choices=_kinds)
    account_sid = forms.CharField(label=_("account SID"), required=False)
    auth_token = forms.CharField(label=_("auth token"), required=False, widget=hidden())
    connector = forms.CharField(label=_("pay connector"), required=False)
    api_key = forms.CharField(label=_("API key"), required=False, widget=hidden())
    webhook_secret = forms.CharField(label=_("webhook secret"), required=False, widget=hidden())
    address = forms.URLField(
        label=_("address of the gateway"), required=False, assume_scheme="https"
    )

    class Meta:
        model = Keypad
        fields = ("name", "kind", "phone_system", "account", "is_enabled")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind = cleaned.get("kind") or self.instance.kind
        try:
            manifest = keypad_class(kind).manifest
        except ProviderNotInstalled:
            return cleaned
        if cleaned.get("is_enabled") and not is_usable_keypad(kind):
            self.add_error("is_enabled", _("No money moves there: it is for training only."))
        account = cleaned.get("account")
        if account is not None and account.kind not in manifest.charges_at:
            self.add_error("account", _("The gateway cannot charge at this provider."))
        self.instance.credentials = self._credentials(kind)
        for name in manifest.credentials:
            if not self.instance.credentials.get(name):
                self.add_error(name if name in self.fields else "address", _("It is needed."))
        return cleaned

    def _credentials(self, kind: str) -> dict[str, str]:
        """Lay what was typed over what is stored."""
        typed = {name: self.cleaned_data.get(name) for name in (*SECRETS, *OTHERS)}
        typed[ADDRESSES.get(kind, "api_base")] = typed.pop("address")
        return {**self.instance.credentials, **{key: text for key, text in typed.items() if text}}


@admin.register(Keypad)
class KeypadAdmin(AuditedAdmin):
    """Keypads are added, changed and switched off, never deleted: sessions point to them."""

    form = KeypadForm
    list_display = ["name", "kind", "phone_system", "account", "is_enabled"]
    list_select_related = ["phone_system", "account"]
    search_fields = ["name", "public_id"]
    ordering = ["pk"]
    unaudited = frozenset({"credentials"})
    fields = (*KeypadForm.Meta.fields, *OTHERS, *SECRETS)
