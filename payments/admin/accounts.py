"""Our contracts with providers. Credentials go in and never come out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.admin import AuditedAdmin, GuardedForm
from payments.errors import ProviderNotInstalled
from payments.models import ProviderAccount
from payments.registry import is_usable, provider_class, usable_kinds

if TYPE_CHECKING:
    from django.http import HttpRequest

SECRETS = ("api_key", "webhook_secret")
ADDRESSES = {"sandbox": "base_url", "stripe": "api_base"}


def _kinds() -> list[tuple[str, str]]:
    return [(kind, provider_class(kind).manifest.name) for kind in usable_kinds()]


def hidden() -> forms.PasswordInput:
    """An empty box, whatever is stored: what was typed is not sent back either."""
    return forms.PasswordInput(render_value=False, attrs={"autocomplete": "new-password"})


class ProviderAccountForm(GuardedForm):
    """A contract. An empty secret keeps the stored one; an address is only for test servers."""

    secret_fields = frozenset(SECRETS)
    kind = forms.ChoiceField(label=_("provider"), choices=_kinds)
    api_key = forms.CharField(label=_("API key"), required=False, widget=hidden())
    webhook_secret = forms.CharField(label=_("webhook secret"), required=False, widget=hidden())
    address = forms.URLField(
        label=_("address of the provider"), required=False, assume_scheme="https"
    )

    class Meta:
        model = ProviderAccount
        fields = ("name", "kind", "methods", "currencies", "priority", "is_enabled")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind = cleaned.get("kind") or self.instance.kind
        try:
            manifest = provider_class(kind).manifest
        except ProviderNotInstalled:
            return cleaned
        if cleaned.get("is_enabled") and not is_usable(kind):
            self.add_error("is_enabled", _("No money moves there: it is for training only."))
        self._only("methods", frozenset(manifest.methods))
        self._only("currencies", manifest.currencies)
        self.instance.credentials = self._credentials(kind)
        for name in SECRETS:
            if not self.instance.credentials.get(name):
                self.add_error(name, _("This provider needs it."))
        return cleaned

    def _credentials(self, kind: str) -> dict[str, str]:
        """Lay what was typed over what is stored."""
        typed = {name: self.cleaned_data.get(name) for name in SECRETS}
        typed[ADDRESSES.get(kind, "base_url")] = self.cleaned_data.get("address")
        return {**self.instance.credentials, **{key: text for key, text in typed.items() if text}}

    def _only(self, name: str, known: frozenset[str]) -> None:
        unknown = [value for value in self.cleaned_data.get(name, []) if value not in known]
        if unknown:
            text = _("The provider does not know: %(values)s.") % {"values": ", ".join(unknown)}
            self.add_error(name, text)


@admin.register(ProviderAccount)
class ProviderAccountAdmin(AuditedAdmin):
    """Contracts are added, changed and switched off, never deleted: payments point to them."""

    form = ProviderAccountForm
    list_display = ["name", "kind", "methods", "currencies", "priority", "is_enabled"]
    list_filter = ["kind", "is_enabled"]
    search_fields = ["name", "public_id"]
    ordering = ["priority", "pk"]
    unaudited = frozenset({"credentials"})
    known = ("public_id", "webhook_address", "stored_credentials", "unavailable_until")
    typed = ("api_key", "webhook_secret", "address")

    def get_fields(self, request: HttpRequest, obj: ProviderAccount | None = None) -> Any:
        del request
        return [*ProviderAccountForm.Meta.fields, *self.typed, *(self.known if obj else ())]

    def get_readonly_fields(self, request: HttpRequest, obj: ProviderAccount | None = None) -> Any:
        del request
        return [*self.known, "kind"] if obj else self.known

    @admin.display(description=_("address for webhooks"))
    def webhook_address(self, account: ProviderAccount) -> str:
        return f"{settings.PUBLIC_URL}{reverse('payments:webhook', args=[account.public_id])}"

    @admin.display(description=_("stored credentials"))
    def stored_credentials(self, account: ProviderAccount) -> str:
        """Name them; their values are never shown."""
        return ", ".join(sorted(account.credentials)) or "–"
